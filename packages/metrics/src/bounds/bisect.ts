/** Far below anything a bound is printed with. */
const tolerance = 1e-11;

/**
 * The point where a predicate turns from true to false.
 *
 * @param holds true at `from`, then false from some point on.
 * @returns a point at which it holds, within 1e-11 of one at which it does not; `to` when it never turns.
 */
export function bisect(holds: (x: number) => boolean, from: number, to: number): number {
  if (holds(to)) return to;
  let low = from;
  let high = to;
  while (high - low > tolerance) {
    const middle = low + 0.5 * (high - low);
    if (middle === low || middle === high) break;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
