import { argsort } from './argsort.js';

/**
 * Ranks 1..n in increasing order; tied values share the mean of the ranks they span.
 *
 * @param values (n) without NaN.
 * @returns (n) ranks; their sum is always n (n + 1) / 2.
 * @throws ENG_VALUES_NOT_FINITE a value is NaN.
 */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = argsort(values);
  const result = new Float64Array(order.length);
  let start = 0;
  while (start < order.length) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end += 1;
    const shared = (start + 1 + end) / 2;
    for (let i = start; i < end; i += 1) result[order[i]!] = shared;
    start = end;
  }
  return result;
}
