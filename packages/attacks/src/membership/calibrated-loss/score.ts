import { type ReferenceValues, referenceMoments } from '../reference-moments.js';

/**
 * Difficulty calibration: the target's signal less its mean over reference models trained without the sample.
 *
 * @param target (n) the target's loss or scaled confidence, finite.
 * @param bank the same signal of reference models; every sample has one trained without it.
 * @param direction 1 if larger signals are more member-like, -1 for a loss.
 * @returns (n) higher = more member-like.
 * @see Watson et al. 2022, "On the Importance of Difficulty Calibration in Membership Inference Attacks"; with one
 *   reference, Sablayrolles et al. 2019.
 */
export function calibratedScores(target: Float64Array, bank: ReferenceValues, direction: 1 | -1): Float64Array {
  const { location } = referenceMoments(bank, 0, 'mean');
  return target.map((value, i) => direction * (value - location[i]));
}
