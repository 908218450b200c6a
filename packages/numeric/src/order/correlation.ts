import { EngramError } from '@engram/domain';
import { mean } from './moments.js';
import { ranks } from './ranks.js';

/**
 * Pearson's correlation coefficient.
 *
 * @param a (n) finite.
 * @param b (n) finite.
 * @returns in [-1, 1]; NaN when either is constant or n < 2.
 * @throws ENG_SHAPE_MISMATCH lengths differ.
 */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected two arrays of one length, got ${a.length} and ${b.length}`);
  }
  const meanA = mean(a);
  const meanB = mean(b);
  let product = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = 0; i < a.length; i += 1) {
    const left = a[i]! - meanA;
    const right = b[i]! - meanB;
    product += left * right;
    squareA += left * left;
    squareB += right * right;
  }
  if (squareA === 0 || squareB === 0) return Number.NaN;
  return Math.max(-1, Math.min(1, product / Math.sqrt(squareA * squareB)));
}

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks, ties averaged.
 *
 * @param a (n) without NaN.
 * @param b (n) without NaN.
 * @returns in [-1, 1]; NaN when either is constant or n < 2.
 * @throws ENG_SHAPE_MISMATCH lengths differ. ENG_VALUES_NOT_FINITE a value is NaN.
 */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return pearson(ranks(a), ranks(b));
}
