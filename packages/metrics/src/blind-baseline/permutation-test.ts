import { createRandom, deriveSeed, mean, ranks } from '@engram/numeric';
import { placements } from '../roc/placements.js';
import type { BlindFeatures } from './blind-features.js';
import { foldSums } from './fold-sums.js';
import { prepareOneStepLogistic } from './logistic.js';
import { naiveBayesScores } from './naive-bayes.js';
import { columnsPerSplit, forestDepth, randomForestScores } from './random-forest.js';

export const blindClassifiers = ['logistic', 'naiveBayes', 'randomForest', 'meanRank'] as const;

/** `meanRank` averages the ranks that the other three give. */
export type BlindClassifier = (typeof blindClassifiers)[number];

export interface PermutationResult {
  /** One-sided: small = the labels are told better than chance. */
  readonly pValue: number;
  readonly permutations: number;
}

// A classifier stops once this many relabellings did as well as the true labels: its p-value is then above 1/20.
const enoughExceedances = 10;

// Histogram updates of all refitted forests together, a few seconds on one core.
const forestBudget = 4e8;
const mostTrees = 20;
const rowsPerTree = 512;

/**
 * Permutation p-values of the out-of-fold AUC of each classifier, refitted for every relabelling. Labels are permuted
 * within folds, so fold sizes stay balanced and the observed labelling is one of the equally likely.
 *
 * The refits are cheap versions, applied to the true labels too, so the test is exact for the version it uses: one
 * Newton step of the logistic regression, and a forest of 4 to 20 trees (as many as a fixed budget of work allows) of
 * 512 rows each.
 * Testing is sequential (Besag and Clifford): a classifier stops at its tenth relabelling at least as good as the truth
 * with p = 10 / permutations done; otherwise p = (as good + 1) / (permutations + 1).
 *
 * @param features prepared.
 * @param membership (n) 1 = member, 0 = non-member.
 * @param permutations most relabellings.
 * @param seed of relabellings and forests.
 * @see Besag and Clifford 1991, "Sequential Monte Carlo p-values".
 */
export function permutationTest(
  features: BlindFeatures,
  membership: Uint8Array,
  permutations: number,
  seed: number,
): Record<BlindClassifier, PermutationResult> {
  const statistics = prepareStatistics(features, permutations);
  const observed = statistics(membership, deriveSeed(seed, 'observed'), blindClassifiers);
  const states = blindClassifiers.map((name) => ({ name, asGood: 0, done: 0 }));
  const random = createRandom(deriveSeed(seed, 'relabel'));
  const rowsOfFolds = Array.from({ length: features.folds }, (_, fold) =>
    [...features.foldOf.keys()].filter((row) => features.foldOf[row] === fold),
  );
  for (let draw = 0; draw < permutations; draw += 1) {
    const running = states.filter((state) => state.asGood < enoughExceedances);
    if (running.length === 0) break;
    const relabelled = relabelWithinFolds(membership, rowsOfFolds, random.shuffle);
    const names = running.map((state) => state.name);
    const drawn = statistics(relabelled, deriveSeed(seed, 'draw', draw), names);
    for (const state of running) {
      state.done += 1;
      if (drawn[state.name]! >= observed[state.name]!) state.asGood += 1;
    }
  }
  const result = ({ asGood, done }: { asGood: number; done: number }): PermutationResult => ({
    pValue: asGood >= enoughExceedances ? asGood / done : (asGood + 1) / (done + 1),
    permutations: done,
  });
  return Object.fromEntries(states.map((state) => [state.name, result(state)])) as Record<
    BlindClassifier,
    PermutationResult
  >;
}

/** Mean rank of several scores of the same samples. */
export function meanRanks(scores: readonly Float64Array[]): Float64Array {
  const ranked = scores.map(ranks);
  return ranked[0]!.map((_, i) => mean(ranked.map((rank) => rank[i]!)));
}

type Statistics = (
  membership: Uint8Array,
  seed: number,
  names: readonly BlindClassifier[],
) => Partial<Record<BlindClassifier, number>>;

function prepareStatistics(features: BlindFeatures, permutations: number): Statistics {
  const all = foldSums(features);
  const logistic = prepareOneStepLogistic(features, all);
  const perTree =
    Math.min(rowsPerTree, features.rows) * features.folds * columnsPerSplit(features.columns) * forestDepth;
  const trees = Math.max(4, Math.min(mostTrees, Math.floor(forestBudget / (perTree * permutations))));
  return (membership, seed, names) => {
    const everything = names.includes('meanRank');
    const scores: Partial<Record<BlindClassifier, Float64Array>> = {};
    if (everything || names.includes('logistic')) scores.logistic = logistic(membership);
    if (everything || names.includes('naiveBayes')) scores.naiveBayes = naiveBayesScores(features, all, membership);
    if (everything || names.includes('randomForest')) {
      scores.randomForest = randomForestScores(features, membership, { trees, rowsPerTree, seed });
    }
    if (everything) scores.meanRank = meanRanks(Object.values(scores));
    return Object.fromEntries(
      Object.entries(scores).map(([name, values]) => [name, mean(placements(values, membership).ofMembers)]),
    );
  };
}

function relabelWithinFolds(
  membership: Uint8Array,
  rowsOfFolds: readonly number[][],
  shuffle: (labels: Uint8Array) => Uint8Array,
): Uint8Array {
  const relabelled = new Uint8Array(membership.length);
  for (const rows of rowsOfFolds) {
    const labels = shuffle(Uint8Array.from(rows, (row) => membership[row]!));
    rows.forEach((row, k) => {
      relabelled[row] = labels[k]!;
    });
  }
  return relabelled;
}
