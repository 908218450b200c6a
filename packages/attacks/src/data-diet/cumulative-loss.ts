import { EngramError } from '@engram/domain';

/**
 * Cumulative sample loss (CSL): the losses of a sample summed over the moments of a run. Mislabelled and memorised
 * samples are learned late, so theirs is large.
 *
 * @param loss (moments, n) nats, one row per epoch.
 * @param n samples.
 * @returns (n) nats; larger = learned later.
 * @throws ENG_SHAPE_MISMATCH the values are not whole rows of n.
 * @see Ravikumar et al. 2025, on cumulative sample loss as a proxy of memorization.
 */
export function cumulativeLoss(loss: ArrayLike<number>, n: number): Float64Array {
  if (loss.length % n !== 0)
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected rows of ${n} losses, got ${loss.length} values`);
  const sums = new Float64Array(n);
  for (let at = 0; at < loss.length; at += 1) sums[at % n] += loss[at];
  return sums;
}
