import { EngramError } from '@engram/domain';
import { type ReferenceValues, referenceMoments } from './reference-moments.js';

/** Feldman's memorization of each sample, at the training size of the bank's models. */
export interface Memorization {
  /** (n) mean over models trained with the sample less mean over models trained without; at most 1. */
  readonly memorization: Float64Array;
  /** (n) its standard error, from the two sides' own variances. */
  readonly standardError: Float64Array;
}

/**
 * Subsampled memorization: how much a sample's own presence in training changes its prediction.
 *
 * @param bank per model and sample, 1 where the prediction is right and 0 where not; or the probability of the truth,
 *   which ranks alike at several times less variance and is the better choice below 500 models.
 * @returns higher = more memorized. Counts of 0 or k are smoothed in the standard error (one success and one failure
 *   added), which would else be 0.
 * @throws ENG_INSUFFICIENT_SAMPLES a sample has no model on one side.
 * @see Feldman and Zhang 2020, "What Neural Networks Memorize and Why", section 2.
 */
export function subsampledMemorization(bank: ReferenceValues): Memorization {
  const inside = referenceMoments(bank, 1, 'mean');
  const outside = referenceMoments(bank, 0, 'mean');
  for (const { count } of [inside, outside]) {
    const without = count.indexOf(0);
    if (without >= 0)
      throw new EngramError(
        'ENG_INSUFFICIENT_SAMPLES',
        `expected models trained with and without every sample, got one side only for row ${without}`,
        { remedy: 'Train more models on random subsets.' },
      );
  }
  return {
    memorization: inside.location.map((mean, i) => mean - outside.location[i]),
    standardError: inside.location.map((_, i) => Math.sqrt(meanVariance(inside, i) + meanVariance(outside, i))),
  };
}

function meanVariance({ count, sumSquares, location }: ReturnType<typeof referenceMoments>, i: number): number {
  const k = count[i];
  if (sumSquares[i] > 0) return sumSquares[i] / (k * k);
  const smoothed = (k * location[i] + 1) / (k + 2);
  return (smoothed * (1 - smoothed)) / k;
}
