import type { NdArray } from '@engram/domain';
import { finiteLogProbabilities } from '../log-probabilities.js';

/**
 * How far the label's logit lies above the best of the others: z_y - max_{j != y} z_j. The normaliser cancels, so
 * log-probabilities do as well as logits.
 *
 * @param logProbabilities (n, classes) nats; -Infinity allowed. At least two classes.
 * @param labels (n).
 * @returns (n) nats, finite; higher = more confident, above 0 = the prediction is right.
 */
export function labelMargins(logProbabilities: NdArray<Float64Array>, labels: Int32Array): Float64Array {
  const { data, shape } = finiteLogProbabilities(logProbabilities);
  const classes = shape[1];
  return Float64Array.from(labels, (label, i) => {
    let best = -Infinity;
    for (let j = 0; j < classes; j += 1) if (j !== label) best = Math.max(best, data[i * classes + j]);
    return data[i * classes + label] - best;
  });
}
