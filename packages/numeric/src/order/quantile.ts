/**
 * Sample quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan, the default of NumPy
 * and R).
 *
 * @param values (n) in any order, not changed; without NaN.
 * @param q fraction in [0, 1].
 * @returns the quantile; NaN for no values or q outside [0, 1].
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantileOfSorted(Float64Array.from(values).sort(), q);
}

/**
 * The same quantile of values already in increasing order, without copying them.
 *
 * @param sorted (n) increasing.
 * @param q fraction in [0, 1].
 * @returns the quantile; NaN for no values or q outside [0, 1].
 */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0 || !(q >= 0 && q <= 1)) return Number.NaN;
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  if (below === position) return low;
  const high = sorted[below + 1]!;
  // Equal neighbours stay exact, also when infinite.
  return low === high ? low : low + (position - below) * (high - low);
}

/**
 * The middle value, or the mean of the middle two.
 *
 * @param values (n) in any order, not changed; without NaN.
 * @returns the median; NaN for no values.
 */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}
