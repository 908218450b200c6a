/**
 * Arithmetic mean.
 *
 * @param values (n).
 * @returns the mean; NaN for no values.
 */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i]!;
  return sum / values.length;
}

/**
 * Variance about the mean, in two passes so that a large common offset costs no digits.
 *
 * @param values (n).
 * @param ddof subtracted from n in the divisor; 1 gives the unbiased estimate.
 * @returns the variance; NaN when n <= ddof.
 */
export function variance(values: ArrayLike<number>, ddof = 1): number {
  if (values.length <= ddof) return Number.NaN;
  const centre = mean(values);
  let sum = 0;
  let drift = 0;
  for (let i = 0; i < values.length; i += 1) {
    const deviation = values[i]! - centre;
    sum += deviation * deviation;
    drift += deviation;
  }
  return (sum - (drift * drift) / values.length) / (values.length - ddof);
}

/**
 * Square root of the variance.
 *
 * @param values (n).
 * @param ddof as in `variance`.
 * @returns the standard deviation; NaN when n <= ddof.
 */
export function standardDeviation(values: ArrayLike<number>, ddof = 1): number {
  return Math.sqrt(variance(values, ddof));
}
