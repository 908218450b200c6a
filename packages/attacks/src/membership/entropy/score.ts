import type { NdArray } from '@engram/domain';
import { entropyFromLogits } from '@engram/numeric';
import { finiteLogProbabilities } from '../log-probabilities.js';

/**
 * Prediction entropy: S = sum_i p_i log p_i.
 *
 * @param logProbabilities (n, classes) nats; -Infinity allowed.
 * @returns (n) minus the entropy, in [-log classes, 0]; higher = more member-like.
 * @see Song and Mittal 2021, section 4.
 */
export function entropyScores(logProbabilities: NdArray<Float64Array>): Float64Array {
  return entropyFromLogits(finiteLogProbabilities(logProbabilities)).map((value) => -value);
}
