import { EngramError } from '@engram/domain';
import { normalCdf, studentCdf } from '@engram/numeric';
import { bothMoments, type ReferenceValues, type SideMoments } from '../membership/reference-moments.js';

/**
 * What a model is asked of a sample: `hard`, whether its prediction is right (0 or 1); `soft`, the probability it gives
 * the truth, which ranks alike at several times less variance and is the better choice below 500 models.
 */
export type MemorizationMeasure = 'hard' | 'soft';

/** Feldman's memorization of each sample, at the training size of the bank's models. */
export interface Memorization {
  readonly measure: MemorizationMeasure;
  /** (n) mean over models trained with the sample less mean over models trained without; in [-1, 1], higher = more
   * memorized. NaN where there is no model on one side. */
  readonly memorization: Float64Array;
  /** (n) its standard error, from the two sides' own variances. */
  readonly standardError: Float64Array;
  /** (n) degrees of freedom of that standard error (Welch and Satterthwaite); Infinity for `hard`. */
  readonly freedom: Float64Array;
  /** (n) mean over models trained without the sample: its consistency, when the measure is `hard`. */
  readonly heldOut: Float64Array;
}

/**
 * Subsampled memorization: how much a sample's own presence in training changes its prediction.
 *
 * @param bank per model and sample, what `measure` says.
 * @returns higher = more memorized. Where all models of a side agree the standard error counts one success and one
 *   failure more (Agresti and Coull), else it would be 0. `hard` divides squares by k, as a binomial variance does,
 *   `soft` by k - 1.
 * @throws ENG_INSUFFICIENT_SAMPLES every sample lacks a model on one side.
 * @see Feldman and Zhang 2020, "What Neural Networks Memorize and Why", section 2.
 */
export function subsampledMemorization(bank: ReferenceValues, measure: MemorizationMeasure): Memorization {
  const { inside, outside } = bothMoments(bank, 'mean');
  const n = inside.count.length;
  const memorization = inside.location.map((mean, i) => mean - outside.location[i]);
  if (n > 0 && memorization.every(Number.isNaN))
    throw new EngramError(
      'ENG_INSUFFICIENT_SAMPLES',
      `expected models trained with and models trained without the samples, got one side only for all ${n}`,
      { remedy: 'Train more models on random subsets.' },
    );
  const standardError = new Float64Array(n);
  const freedom = new Float64Array(n).fill(Infinity);
  for (let i = 0; i < n; i += 1) {
    const a = meanVariance(inside, i, measure);
    const b = meanVariance(outside, i, measure);
    standardError[i] = Math.sqrt(a + b);
    if (measure === 'soft')
      freedom[i] = (a + b) ** 2 / (a ** 2 / atLeastOne(inside.count[i]) + b ** 2 / atLeastOne(outside.count[i]));
  }
  return { measure, memorization, standardError, freedom, heldOut: outside.location };
}

/**
 * One-sided p-values that each sample is memorized by more than `threshold`: a z-test for `hard`, Welch's t for `soft`.
 *
 * @param threshold in [-1, 1]; 0.25 is the customary mark of a memorized sample.
 * @returns (n) in [0, 1], not corrected for their number; NaN where nothing was measured.
 */
export function memorizedPValues(
  { memorization, standardError, freedom }: Memorization,
  threshold: number,
): Float64Array {
  return memorization.map((value, i) => {
    const t = (value - threshold) / standardError[i];
    return freedom[i] === Infinity ? normalCdf(-t) : studentCdf(-t, freedom[i]);
  });
}

/**
 * Variance of the mean of one side of sample i, never 0: where all models agree, one success and one failure more are
 * counted.
 */
export function meanVariance(
  { count, sumSquares, location }: SideMoments,
  i: number,
  measure: MemorizationMeasure,
): number {
  const k = count[i];
  if (sumSquares[i] > 0) return sumSquares[i] / (k * (measure === 'hard' ? k : k - 1));
  const smoothed = (k * location[i] + 1) / (k + 2);
  return (smoothed * (1 - smoothed)) / k;
}

function atLeastOne(models: number): number {
  return Math.max(1, models - 1);
}
