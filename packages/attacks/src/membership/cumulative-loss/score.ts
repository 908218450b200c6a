import type { NdArray } from '@engram/domain';

/**
 * Sum of a sample's loss over the recorded moments of training: samples that were learned late or never. Close to
 * memorization in rank, at no cost beyond writing losses down.
 *
 * @param trace (moments, n) nats, finite; evenly spaced moments, such as one an epoch, weigh training evenly.
 * @returns (n) nats; higher = learned later, and more exposed.
 * @see Ravikumar et al. 2025, "Towards Memorization Estimation: Fast, Formal and Free", on the cumulative
 *   sample loss.
 */
export function cumulativeLosses({ data, shape }: NdArray<Float64Array>): Float64Array {
  const [moments, n] = shape;
  const sums = new Float64Array(n);
  for (let t = 0; t < moments; t += 1) for (let i = 0; i < n; i += 1) sums[i] += data[t * n + i];
  return sums;
}
