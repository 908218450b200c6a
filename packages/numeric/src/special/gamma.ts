import betaln from '@stdlib/math-base-special-betaln';
import gammaln from '@stdlib/math-base-special-gammaln';

/**
 * Natural logarithm of the absolute value of the gamma function.
 *
 * @param x any real number but 0, -1, -2, …, where it is Infinity.
 * @returns nats; relative error near 1e-15 away from the zeros at 1 and 2.
 */
export function logGamma(x: number): number {
  return gammaln(x);
}

/**
 * Natural logarithm of the beta function B(a, b). Computed without subtracting large log-gammas, so it stays accurate
 * when one argument is far larger than the other.
 *
 * @param a positive.
 * @param b positive.
 * @returns nats; NaN outside the domain.
 */
export function logBeta(a: number, b: number): number {
  return betaln(a, b);
}

/**
 * Natural logarithm of the binomial coefficient "n choose k".
 *
 * @param n at least 0; a real number is allowed.
 * @param k number chosen.
 * @returns nats; -Infinity where the coefficient is zero (k < 0 or k > n); NaN for n < 0.
 */
export function logBinomial(n: number, k: number): number {
  if (Number.isNaN(n) || Number.isNaN(k) || n < 0) return Number.NaN;
  if (k < 0 || k > n) return -Infinity;
  if (k === 0 || k === n) return 0;
  return -Math.log(n + 1) - logBeta(n - k + 1, k + 1);
}
