import { EngramError } from '@engram/domain';
import { argsort } from '@engram/numeric';

export interface Discoveries {
  /** (n) 1 where the hypothesis is rejected. */
  readonly rejected: Uint8Array;
  /** (n) the least q at which each would be rejected. */
  readonly qValues: Float64Array;
  readonly count: number;
}

/**
 * Benjamini-Hochberg: rejects so that the expected share of false rejections is at most q. Holds for independent
 * p-values and for conformal ones that share their controls.
 *
 * @param pValues (n) in [0, 1].
 * @param q false discovery rate, a fraction.
 * @returns rejections and q-values, in the order of the input.
 * @throws ENG_VALUES_NOT_FINITE a p-value is not in [0, 1].
 * @see Benjamini and Hochberg 1995.
 */
export function benjaminiHochberg(pValues: ArrayLike<number>, q: number): Discoveries {
  const order = argsort(checked(pValues));
  const n = order.length;
  const qValues = new Float64Array(n);
  let least = 1;
  for (let k = n - 1; k >= 0; k -= 1) {
    least = Math.min(least, (pValues[order[k]!]! * n) / (k + 1));
    qValues[order[k]!] = least;
  }
  const rejected = Uint8Array.from(qValues, (value) => (value <= q ? 1 : 0));
  return { rejected, qValues, count: rejected.reduce((sum, flag) => sum + flag, 0) };
}

/**
 * Holm's adjusted p-values: rejecting those at most alpha keeps the chance of any false rejection within alpha, however
 * the tests depend on each other.
 *
 * @param pValues (n) in [0, 1].
 * @returns (n) adjusted, in the order of the input, each at least its p-value.
 * @throws ENG_VALUES_NOT_FINITE a p-value is not in [0, 1].
 * @see Holm 1979.
 */
export function holm(pValues: ArrayLike<number>): Float64Array {
  const order = argsort(checked(pValues));
  const adjusted = new Float64Array(order.length);
  let largest = 0;
  order.forEach((index, k) => {
    largest = Math.max(largest, Math.min(1, pValues[index]! * (order.length - k)));
    adjusted[index] = largest;
  });
  return adjusted;
}

function checked(pValues: ArrayLike<number>): ArrayLike<number> {
  for (let i = 0; i < pValues.length; i += 1) {
    if (!(pValues[i]! >= 0 && pValues[i]! <= 1)) {
      throw new EngramError('ENG_VALUES_NOT_FINITE', `expected p-values in [0, 1], got ${pValues[i]} at position ${i}`);
    }
  }
  return pValues;
}
