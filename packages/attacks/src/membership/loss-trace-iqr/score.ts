import type { NdArray } from '@engram/domain';
import { quantileOfSorted } from '@engram/numeric';

/**
 * Spread of a sample's loss along training, between its quartiles over the recorded moments: samples whose loss fell late
 * and far are those reference-based attacks find. Quartiles interpolate linearly between moments (type 7).
 *
 * @param trace (moments, n) nats, finite.
 * @returns (n) nats, at least 0; higher = more exposed.
 * @see Pollock, Shilov, Dodd and de Montjoye 2025, "Free Record-Level Privacy Risk Evaluation Through Artifact-Based Methods", LT-IQR.
 */
export function lossTraceSpread({ data, shape }: NdArray<Float64Array>): Float64Array {
  const [moments, n] = shape;
  const own = new Float64Array(moments);
  return Float64Array.from({ length: n }, (_, i) => {
    for (let t = 0; t < moments; t += 1) own[t] = data[t * n + i];
    own.sort();
    return quantileOfSorted(own, 0.75) - quantileOfSorted(own, 0.25);
  });
}
