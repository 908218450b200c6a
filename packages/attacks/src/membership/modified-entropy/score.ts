import { modifiedEntropies } from '../probability-summary.js';
import type { TargetSignals } from '../signals.js';

/**
 * Modified entropy: S = (1 - p_y) log p_y + sum over i != y of p_i log(1 - p_i), logarithms clipped at 1e-30.
 *
 * @param target (n, classes) log-probabilities in nats, -Infinity allowed, or what was kept of them.
 * @param labels (n) class indices.
 * @returns (n) at most 0; higher = more member-like.
 * @see Song and Mittal 2021, equation 8.
 */
export function modifiedEntropyScores(
  target: Pick<TargetSignals, 'logProbabilities' | 'probabilitySummary'>,
  labels: Int32Array,
): Float64Array {
  return modifiedEntropies(target, labels).map((value) => -value);
}
