import type { ReferenceSignals } from './signals.js';

/**
 * log of the mean probability of the truth over reference models, from their losses: log mean_k exp(-l_k). Stays in log
 * space, so that a sample no reference finds likely keeps its order.
 *
 * @param reference losses (models, n) in nats.
 * @param side `all` models, or those trained without the sample (`out`).
 * @returns (n) nats, at most 0 for true losses; NaN where no model is on that side.
 */
export function logMeanProbability(
  { models, trainedOn, loss }: Pick<ReferenceSignals, 'models' | 'trainedOn' | 'loss'>,
  side: 'all' | 'out',
): Float64Array {
  const n = loss.length / models;
  const least = new Float64Array(n).fill(Infinity);
  const sum = new Float64Array(n);
  const count = new Int32Array(n);
  for (let at = 0, model = 0; model < models; model += 1) {
    for (let i = 0; i < n; i += 1, at += 1) {
      if (side === 'all' || trainedOn[at] === 0) least[i] = Math.min(least[i], loss[at]);
    }
  }
  for (let at = 0, model = 0; model < models; model += 1) {
    for (let i = 0; i < n; i += 1, at += 1) {
      if (side === 'out' && trainedOn[at] !== 0) continue;
      sum[i] += Math.exp(least[i] - loss[at]);
      count[i] += 1;
    }
  }
  for (let i = 0; i < n; i += 1) sum[i] = Math.log(sum[i] / count[i]) - least[i];
  return sum;
}
