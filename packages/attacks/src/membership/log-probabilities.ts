import type { NdArray } from '@engram/domain';

// exp(-745) is the smallest positive double, so nothing a sum of probabilities can see is lost.
const leastLogProbability = -745;

/** Log-probabilities as finite logits: -Infinity, a class given no probability at all, becomes -745. Copies only then. */
export function finiteLogProbabilities(logProbabilities: NdArray<Float64Array>): NdArray<Float64Array> {
  if (!logProbabilities.data.includes(-Infinity)) return logProbabilities;
  return {
    data: logProbabilities.data.map((value) => Math.max(value, leastLogProbability)),
    shape: logProbabilities.shape,
  };
}
