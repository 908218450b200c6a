import betainc from '@stdlib/math-base-special-betainc';
import kernelBetaincinv from '@stdlib/math-base-special-kernel-betaincinv';
import { logBeta } from './gamma.js';

/**
 * Regularised incomplete beta function I_x(a, b): the probability that a Beta(a, b) variable is at most x.
 *
 * @param a positive.
 * @param b positive.
 * @param x in [0, 1].
 * @returns probability in [0, 1]; NaN outside the domain.
 */
export function incompleteBeta(a: number, b: number, x: number): number {
  return inDomain(a, b, x) ? betainc(x, a, b) : Number.NaN;
}

/**
 * Upper tail 1 - I_x(a, b), computed without the subtraction.
 *
 * @param a positive.
 * @param b positive.
 * @param x in [0, 1].
 * @returns probability in [0, 1]; NaN outside the domain.
 */
export function incompleteBetaUpper(a: number, b: number, x: number): number {
  return inDomain(a, b, x) ? betainc(x, a, b, true, true) : Number.NaN;
}

/**
 * The x at which I_x(a, b) = p: the quantile function of Beta(a, b).
 *
 * @param a positive.
 * @param b positive.
 * @param p probability in [0, 1].
 * @returns x in [0, 1]; NaN outside the domain.
 */
export function incompleteBetaInverse(a: number, b: number, p: number): number {
  if (!inDomain(a, b, p)) return Number.NaN;
  if (p === 0) return 0;
  if (p === 1) return 1;
  return kernelBetaincinv(a, b, p, 1 - p)[0]!;
}

/**
 * Logarithm of I_x(a, b), finite where the probability itself is below the smallest double.
 *
 * @param a positive.
 * @param b positive.
 * @param x in [0, 1].
 * @returns nats, at most 0; NaN outside the domain.
 */
export function logIncompleteBeta(a: number, b: number, x: number): number {
  if (!inDomain(a, b, x)) return Number.NaN;
  if (x === 0) return -Infinity;
  if (x === 1) return 0;
  const value = betainc(x, a, b);
  if (value > 0.5) return Math.log1p(-betainc(x, a, b, true, true));
  if (value > smallestTrusted) return Math.log(value);
  return a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) - logBeta(a, b) - Math.log(continuedFraction(a, b, x));
}

// Below this the library's value is near the denormal range and loses digits.
const smallestTrusted = 1e-280;

function inDomain(a: number, b: number, unit: number): boolean {
  return a > 0 && b > 0 && unit >= 0 && unit <= 1;
}

/**
 * Denominator of I_x(a, b) = x^a (1-x)^b / (a B(a, b) F): the even-and-odd continued fraction of DLMF 8.17.22, by
 * Lentz's method. Converges quickly where it is used here, x far below a / (a + b).
 */
function continuedFraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  let fraction = 1;
  let c = 1;
  let d = 0;
  for (let k = 1; k <= 10_000; k += 1) {
    const m = Math.floor(k / 2);
    const term =
      k % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + term * d;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = 1 + term / c;
    if (Math.abs(c) < tiny) c = tiny;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return fraction;
}
