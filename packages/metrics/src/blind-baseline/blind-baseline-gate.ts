import { EngramError, type Measured, type NdArray, notMeasured } from '@engram/domain';
import { createRandom, deriveSeed } from '@engram/numeric';
import { holm } from '../detection/multiple-testing.js';
import { auc, refuseSides } from '../roc/auc.js';
import { countSides } from '../scored-samples.js';
import { prepareFeatures } from './blind-features.js';
import { foldSums } from './fold-sums.js';
import { logisticScores } from './logistic.js';
import { naiveBayesScores } from './naive-bayes.js';
import { type BlindClassifier, blindClassifiers, meanRanks, permutationTest } from './permutation-test.js';
import { randomForestScores } from './random-forest.js';

export interface BlindBaselineOptions {
  /** (n, p) what can be known of each sample without the model: the label, sizes, counts, thumbnails, columns. */
  readonly features: NdArray;
  /** (n) 1 = member, 0 = non-member. */
  readonly membership: ArrayLike<number>;
  readonly seed: number;
  readonly folds?: number;
  readonly permutations?: number;
  readonly confidence?: number;
  /** More samples than this are thinned at random, each side in proportion. */
  readonly mostSamples?: number;
}

export interface BlindClassifierResult {
  readonly classifier: BlindClassifier;
  readonly auc: Measured;
  /** Permutation p-value of this classifier alone. */
  readonly pValue: number;
  /** After Holm's correction over the four classifiers. */
  readonly adjustedPValue: number;
  /** Relabellings done before the sequential rule stopped. */
  readonly permutations: number;
}

export interface BlindBaselineResult {
  readonly outcome: 'pass' | 'inconclusive' | 'warn' | 'fail';
  /** AUC of the classifier that told members and non-members apart best. */
  readonly measured: Measured;
  readonly strongest: BlindClassifier;
  readonly perClassifier: readonly BlindClassifierResult[];
  /** The smallest adjusted p-value. */
  readonly pValue: number;
  /** Samples judged. */
  readonly n: number;
  /** Row numbers judged, increasing; all rows unless there were more than `mostSamples`. */
  readonly rows: Int32Array;
  /** (n) out-of-fold scores of the strongest classifier for `rows`, to compare attacks with by a paired test. */
  readonly scores: Float64Array;
}

const trees = 50;
const worrying = 0.55;
const disqualifying = 0.6;
const fewestPerFold = 2;

/**
 * Asks whether members and non-members can be told apart without the model. If they can, the two sides come from
 * different distributions and no attack's score on them shows membership.
 *
 * Logistic regression, Gaussian naive Bayes and a random forest are cross-fitted; their out-of-fold scores and the mean
 * of their ranks are each judged by AUC and a permutation p-value (`permutationTest`), Holm-corrected. The outcome is
 * `fail` from an AUC of 0.60 on, significant or not; `warn` from 0.55 on or at p <= 0.05; otherwise `pass` when the upper end
 * of the AUC's interval (of an AUC taken as at least 0.5) is below 0.55 and `inconclusive` when it is not: too few samples
 * to tell, to be treated as a warning. With tens of samples chance alone can fail a sound split: that audit could not have
 * been believed either way.
 *
 * @param options `folds` 10 (fewer where a side has fewer than two per fold), `permutations` 199, `confidence` 0.95,
 *   `mostSamples` 10,000. Features finite, any scale; one-hot what has no order.
 * @returns outcome and evidence; inconclusive with a reason when a side has fewer than four samples.
 * @throws ENG_SHAPE_MISMATCH. ENG_VALUES_NOT_FINITE. ENG_LABEL_OUT_OF_RANGE membership other than 0 or 1.
 * @see Das, Zhang and Tramer 2024, "Blind Baselines Beat Membership Inference Attacks for Foundation Models".
 */
export function blindBaselineGate(options: BlindBaselineOptions): BlindBaselineResult {
  const { permutations = 199, confidence = 0.95, seed } = options;
  const [count = 0, columns = 0] = options.features.shape;
  if (options.features.shape.length !== 2 || options.membership.length !== count) {
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected features (n, p) and n membership labels, got (${options.features.shape.join(', ')}) and ${options.membership.length}`,
    );
  }
  // Before the labels are narrowed to bytes, which would turn a strange one into 0 or 1.
  countSides(options.membership, options.membership);
  const rows = chooseRows(options.membership, options.mostSamples ?? 10_000, deriveSeed(seed, 'thin'));
  const membership = Uint8Array.from(rows, (row) => options.membership[row]!);
  const sides = countSides(membership, membership);
  const smaller = Math.min(sides.members, sides.nonMembers);
  const folds = Math.min(options.folds ?? 10, Math.floor(smaller / fewestPerFold));
  if (folds < 2 || columns === 0) return undecided(rows, refuseSides(sides) ?? tooLittle(smaller, columns));
  const features = prepareFeatures(takeRows(options.features, rows), membership, folds, deriveSeed(seed, 'folds'));
  const all = foldSums(features);
  const fitted = [
    logisticScores(features, all, membership),
    naiveBayesScores(features, all, membership),
    randomForestScores(features, membership, { trees, seed: deriveSeed(seed, 'forest') }),
  ];
  const scores = [...fitted, meanRanks(fitted)];
  const tests = permutationTest(features, membership, permutations, deriveSeed(seed, 'permutations'));
  const adjusted = holm(blindClassifiers.map((name) => tests[name].pValue));
  const perClassifier = blindClassifiers.map(
    (classifier, k): BlindClassifierResult => ({
      classifier,
      auc: auc(scores[k]!, membership, { confidence, seed: deriveSeed(seed, 'auc', classifier) }),
      ...tests[classifier],
      adjustedPValue: adjusted[k]!,
    }),
  );
  const best = indexOfLargestAuc(perClassifier);
  const { classifier: strongest, auc: measured } = perClassifier[best]!;
  const pValue = Math.min(...adjusted);
  return {
    outcome: decide(measured, pValue),
    measured,
    strongest,
    perClassifier,
    pValue,
    n: rows.length,
    rows,
    scores: scores[best]!,
  };
}

function decide(measured: Measured, pValue: number): BlindBaselineResult['outcome'] {
  if (measured.status === 'notMeasured') return 'inconclusive';
  if (measured.value >= disqualifying) return 'fail';
  if (pValue <= 0.05 || measured.value >= worrying) return 'warn';
  // An out-of-fold AUC below one half is chance, and earns no credit towards passing.
  return measured.high + Math.max(0, 0.5 - measured.value) < worrying ? 'pass' : 'inconclusive';
}

function indexOfLargestAuc(results: readonly BlindClassifierResult[]): number {
  const values = results.map(({ auc: measured }) => (measured.status === 'measured' ? measured.value : -1));
  return values.indexOf(Math.max(...values));
}

function tooLittle(smaller: number, columns: number): Measured {
  return notMeasured(
    'ENG_INSUFFICIENT_SAMPLES',
    columns === 0
      ? 'there are no features to tell members and non-members apart by'
      : `needs at least ${2 * fewestPerFold} samples on each side, got ${smaller}`,
  );
}

function undecided(rows: Int32Array, measured: Measured): BlindBaselineResult {
  return {
    outcome: 'inconclusive',
    measured,
    strongest: 'meanRank',
    perClassifier: [],
    pValue: 1,
    n: rows.length,
    rows,
    scores: new Float64Array(rows.length),
  };
}

function chooseRows(membership: ArrayLike<number>, mostSamples: number, seed: number): Int32Array {
  const count = membership.length;
  if (count <= mostSamples) return Int32Array.from({ length: count }, (_, i) => i);
  const random = createRandom(seed);
  const chosen: number[] = [];
  for (const side of [1, 0]) {
    const rows: number[] = [];
    for (let i = 0; i < count; i += 1) if (membership[i] === side) rows.push(i);
    const share = Math.max(1, Math.round((rows.length / count) * mostSamples));
    for (const k of random.sample(rows.length, share)) chosen.push(rows[k]!);
  }
  return Int32Array.from(chosen).sort();
}

function takeRows(features: NdArray, rows: Int32Array): NdArray {
  const [count = 0, columns = 0] = features.shape;
  if (rows.length === count) return features;
  const data = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    data.set(features.data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { data, shape: [rows.length, columns] };
}
