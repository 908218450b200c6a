import { entropyFromLogits, modifiedEntropyFromLogits } from '@engram/numeric';
import { finiteLogProbabilities } from './log-probabilities.js';
import type { TargetSignals } from './signals.js';

/** The target's probabilities, whole or in summary: one of the two is there once `probabilities` was required. */
type ToldProbabilities = Pick<TargetSignals, 'logProbabilities' | 'probabilitySummary'>;

/** (n) nats, at least 0: entropy of the predicted distribution. */
export function predictionEntropies({ logProbabilities, probabilitySummary }: ToldProbabilities): Float64Array {
  if (logProbabilities === undefined) return Float64Array.from(probabilitySummary!.entropy);
  return entropyFromLogits(finiteLogProbabilities(logProbabilities));
}

/**
 * Modified entropy: -(1 - p_y) log p_y - sum over i != y of p_i log(1 - p_i), logarithms clipped at 1e-30.
 *
 * @param labels (n) class indices.
 * @returns (n) nats, at least 0; lower = more surely right.
 * @see Song and Mittal 2021, "Systematic Evaluation of Privacy Risks of Machine Learning Models", equation 8.
 */
export function modifiedEntropies(
  { logProbabilities, probabilitySummary }: ToldProbabilities,
  labels: Int32Array,
): Float64Array {
  if (logProbabilities === undefined) return probabilitySummary!.modifiedEntropy.slice();
  return modifiedEntropyFromLogits(finiteLogProbabilities(logProbabilities), labels);
}

/**
 * How far the label's logit lies above the best of the others: z_y - max_{j != y} z_j. The normaliser cancels, so
 * log-probabilities do as well as logits.
 *
 * @param labels (n) class indices; at least two classes.
 * @returns (n) nats, finite; higher = more confident, above 0 = the prediction is right.
 */
export function labelMargins(
  { logProbabilities, probabilitySummary }: ToldProbabilities,
  labels: Int32Array,
): Float64Array {
  if (logProbabilities === undefined) return probabilitySummary!.margin.slice();
  const { data, shape } = finiteLogProbabilities(logProbabilities);
  const classes = shape[1];
  return Float64Array.from(labels, (label, i) => {
    let best = -Infinity;
    for (let j = 0; j < classes; j += 1) if (j !== label) best = Math.max(best, data[i * classes + j]);
    return data[i * classes + label] - best;
  });
}
