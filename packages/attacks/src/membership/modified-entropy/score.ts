import type { NdArray } from '@engram/domain';
import { modifiedEntropyFromLogits } from '@engram/numeric';
import { finiteLogProbabilities } from '../log-probabilities.js';

/**
 * Modified entropy: S = (1 - p_y) log p_y + sum over i != y of p_i log(1 - p_i), logarithms clipped at 1e-30.
 *
 * @param logProbabilities (n, classes) nats; -Infinity allowed.
 * @param labels (n) class indices.
 * @returns (n) at most 0; higher = more member-like.
 * @see Song and Mittal 2021, equation 8.
 */
export function modifiedEntropyScores(logProbabilities: NdArray<Float64Array>, labels: Int32Array): Float64Array {
  return modifiedEntropyFromLogits(finiteLogProbabilities(logProbabilities), labels).map((value) => -value);
}
