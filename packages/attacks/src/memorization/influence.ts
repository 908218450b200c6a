import type { ReferenceValues } from '../membership/reference-moments.js';
import { type MemorizationMeasure, subsampledMemorization } from './subsampled-memorization.js';

/** A bank's answers on test samples that no model of it trained on. */
export interface InfluenceBank {
  readonly models: number;
  /** (models, n) 1 = trained on, for the n training samples. */
  readonly trainedOn: Uint8Array;
  /** (models, tests) 1 = right and 0 = wrong, or the probability of the truth. */
  readonly answers: Float64Array | Float32Array | Uint8Array;
}

export interface InfluenceOptions {
  /** (n) memorization of the training samples; only pairs whose sample reaches `memorized` are counted. */
  readonly memorization: Float64Array;
  readonly memorized: number;
  readonly influential: number;
  /** Training samples kept for each test sample. */
  readonly perTest: number;
  /** Influences held in memory at once; the test samples are taken in stretches of this many divided by n. */
  readonly held?: number;
}

/** The strongest of n x tests influences, which are never held whole. */
export interface StrongestInfluences {
  /** (tests, perTest) training samples of largest influence, largest first; -1 where there are fewer. */
  readonly topSamples: Int32Array;
  /** (tests, perTest) their influence; NaN where there is none. */
  readonly topInfluences: Float64Array;
  /** (n) the test sample each training sample helps most; -1 where no model is on one side. */
  readonly strongestTest: Int32Array;
  /** (n) its influence; NaN likewise. */
  readonly strongestInfluence: Float64Array;
  /** Pairs with memorization >= `memorized` and influence >= `influential`. */
  readonly pairs: number;
  /** Test samples in such a pair. */
  readonly testsReached: number;
  /** The same counts for influence <= -`influential`: as many as chance alone gives, or more. */
  readonly mirroredPairs: number;
  readonly mirroredTests: number;
}

/** 32 MiB of sums. */
const defaultHeld = 1 << 22;

/**
 * Influence of training samples on test samples: how much more often (or surely) models trained with sample i are right
 * on test sample j than models trained without it.
 *
 * Sums over models with i are one masked matrix product; those without follow from the column totals. With masks drawn
 * without regard to anything, influences of unrelated pairs are as often below zero as above, so the mirrored counts say
 * how many of the pairs chance explains.
 *
 * @returns the strongest per test sample and per training sample, and counts of pairs; higher = helps more.
 * @see Feldman and Zhang 2020, "What Neural Networks Memorize and Why", section 3.
 */
export function strongestInfluences(bank: InfluenceBank, options: InfluenceOptions): StrongestInfluences {
  const { models, trainedOn, answers } = bank;
  const { memorization, memorized, influential, perTest, held = defaultHeld } = options;
  const n = trainedOn.length / models;
  const tests = answers.length / models;
  const counts = modelsTrainedOn(trainedOn, models, n);
  const topSamples = new Int32Array(tests * perTest).fill(-1);
  const topInfluences = new Float64Array(tests * perTest).fill(Number.NaN);
  const strongestTest = new Int32Array(n).fill(-1);
  const strongestInfluence = new Float64Array(n).fill(Number.NaN);
  let pairs = 0;
  let mirroredPairs = 0;
  const reached = new Uint8Array(tests);
  const mirrored = new Uint8Array(tests);
  const stretch = Math.max(1, Math.min(tests, Math.floor(held / Math.max(1, n))));
  const sums = new Float64Array(n * stretch);
  for (let start = 0; start < tests; start += stretch) {
    const width = Math.min(stretch, tests - start);
    const totals = sumOverModels(bank, tests, start, width, sums);
    for (let i = 0; i < n; i += 1) {
      const k = counts[i];
      if (k === 0 || k === models) continue;
      const counted = memorization[i] >= memorized;
      for (let column = 0; column < width; column += 1) {
        const within = sums[i * width + column];
        const influence = within / k - (totals[column] - within) / (models - k);
        const test = start + column;
        if (!(influence <= strongestInfluence[i])) {
          strongestInfluence[i] = influence;
          strongestTest[i] = test;
        }
        if (!(influence <= topInfluences[(test + 1) * perTest - 1]))
          insert(topSamples, topInfluences, test * perTest, perTest, i, influence);
        if (!counted) continue;
        if (influence >= influential) {
          pairs += 1;
          reached[test] = 1;
        } else if (influence <= -influential) {
          mirroredPairs += 1;
          mirrored[test] = 1;
        }
      }
    }
  }
  const count = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0);
  return {
    topSamples,
    topInfluences,
    strongestTest,
    strongestInfluence,
    pairs,
    testsReached: count(reached),
    mirroredPairs,
    mirroredTests: count(mirrored),
  };
}

/**
 * One influence with its standard error and degrees of freedom, as memorization has them.
 *
 * @returns NaN where no model is on one side.
 */
export function influenceOf(
  { models, trainedOn, answers }: InfluenceBank,
  sample: number,
  test: number,
  measure: MemorizationMeasure,
): { readonly influence: number; readonly standardError: number; readonly freedom: number } {
  const n = trainedOn.length / models;
  const tests = answers.length / models;
  const pair: ReferenceValues = {
    models,
    trainedOn: Uint8Array.from({ length: models }, (_, model) => trainedOn[model * n + sample]),
    values: Float64Array.from({ length: models }, (_, model) => answers[model * tests + test]),
  };
  const inside = pair.trainedOn.reduce((sum, trained) => sum + trained, 0);
  if (inside === 0 || inside === models) return none;
  const { memorization, standardError, freedom } = subsampledMemorization(pair, measure);
  return { influence: memorization[0], standardError: standardError[0], freedom: freedom[0] };
}

const none = { influence: Number.NaN, standardError: Number.NaN, freedom: Number.NaN };

function modelsTrainedOn(trainedOn: Uint8Array, models: number, n: number): Int32Array {
  const counts = new Int32Array(n);
  for (let model = 0; model < models; model += 1) for (let i = 0; i < n; i += 1) counts[i] += trainedOn[model * n + i];
  return counts;
}

/** Fills `sums` (n, width) over models trained on each sample. @returns (width) sums over all models. */
function sumOverModels(
  { models, trainedOn, answers }: InfluenceBank,
  tests: number,
  start: number,
  width: number,
  sums: Float64Array,
): Float64Array {
  const n = trainedOn.length / models;
  const totals = new Float64Array(width);
  sums.fill(0);
  for (let model = 0; model < models; model += 1) {
    const row = answers.subarray(model * tests + start, model * tests + start + width);
    for (let column = 0; column < width; column += 1) totals[column] += row[column];
    for (let i = 0; i < n; i += 1) {
      if (trainedOn[model * n + i] === 0) continue;
      const at = i * width;
      for (let column = 0; column < width; column += 1) sums[at + column] += row[column];
    }
  }
  return totals;
}

/** Puts a value into a descending list of fixed length, in which NaN stands for an empty place. */
function insert(
  samples: Int32Array,
  influences: Float64Array,
  from: number,
  length: number,
  sample: number,
  influence: number,
): void {
  let place = from + length - 1;
  while (place > from && !(influence <= influences[place - 1])) {
    influences[place] = influences[place - 1];
    samples[place] = samples[place - 1];
    place -= 1;
  }
  influences[place] = influence;
  samples[place] = sample;
}
