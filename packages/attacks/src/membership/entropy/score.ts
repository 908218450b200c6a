import { predictionEntropies } from '../probability-summary.js';
import type { TargetSignals } from '../signals.js';

/**
 * Prediction entropy: S = sum_i p_i log p_i.
 *
 * @param target (n, classes) log-probabilities in nats, -Infinity allowed, or what was kept of them.
 * @returns (n) minus the entropy, in [-log classes, 0]; higher = more member-like.
 * @see Song and Mittal 2021, section 4.
 */
export function entropyScores(target: Pick<TargetSignals, 'logProbabilities' | 'probabilitySummary'>): Float64Array {
  return predictionEntropies(target).map((value) => -value);
}
