import erfc from '@stdlib/math-base-special-erfc';
import erfcx from '@stdlib/math-base-special-erfcx';

const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);

/**
 * Standard normal distribution function Phi(x).
 *
 * @param x any real number or ±Infinity.
 * @returns probability; accurate relative to itself in the lower tail (Phi(-37) is near 1e-300).
 */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}

/**
 * Logarithm of the standard normal density at x.
 *
 * @param x any real number.
 * @returns nats.
 */
export function normalLogPdf(x: number): number {
  return -0.5 * x * x - halfLogTwoPi;
}

/**
 * log(1 - Phi(x)), the upper tail, finite and accurate however far out.
 *
 * @param x any real number or ±Infinity.
 * @returns nats, at most 0.
 */
export function normalLogSf(x: number): number {
  if (x === Infinity) return -Infinity;
  if (x === -Infinity) return 0;
  if (x <= 0) return Math.log1p(-normalCdf(x));
  // erfcx(x) = e^(x^2) erfc(x), so nothing underflows.
  return Math.log(0.5 * erfcx(x * Math.SQRT1_2)) - 0.5 * x * x;
}

/**
 * log Phi(x), the lower tail.
 *
 * @param x any real number or ±Infinity.
 * @returns nats, at most 0.
 */
export function normalLogCdf(x: number): number {
  return normalLogSf(-x);
}

/**
 * Quantile function of the standard normal: the x with Phi(x) = p.
 *
 * A rational start (Abramowitz and Stegun 26.2.23, error below 4.5e-4) polished by Newton's method on log Phi, which is
 * concave, so the digits hold to the smallest positive double. Borrowed inverse error functions lose them near 1e-10.
 *
 * @param p probability in [0, 1].
 * @returns x; ±Infinity at 1 and 0; NaN outside.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0.5) return 0;
  if (p === 0) return -Infinity;
  const logP = Math.log(p);
  const t = Math.sqrt(-2 * logP);
  let x = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let step = 0; step < 3; step += 1) {
    const logTail = normalLogSf(x);
    x += (logTail - logP) * Math.exp(logTail - normalLogPdf(x));
  }
  return -x;
}
