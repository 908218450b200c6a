import { argsort, createRandom } from '@engram/numeric';
import { countSides } from '../scored-samples.js';

/**
 * Canaries from the surest included to the surest left out, as their scores alone tell. Equal scores come in an order
 * drawn from the seed: the order of the rows often is the order of membership, and would give the answer away.
 *
 * @param scores (m) without NaN; higher = more surely included.
 * @param membership (m) only checked.
 * @returns (m) row numbers.
 * @throws as `countSides`.
 */
export function guessOrder(scores: ArrayLike<number>, membership: ArrayLike<number>, seed: number): Int32Array {
  countSides(scores, membership);
  const shuffled = createRandom(seed).shuffle(Int32Array.from({ length: scores.length }, (_, i) => i));
  const increasing = argsort(Float64Array.from(shuffled, (row) => scores[row]));
  return Int32Array.from(increasing, (position) => shuffled[position]).reverse();
}
