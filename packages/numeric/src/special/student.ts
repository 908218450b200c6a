import { logBeta } from './gamma.js';
import { incompleteBeta, incompleteBetaUpper, logIncompleteBeta } from './incomplete-beta.js';
import { normalCdf, normalLogPdf, normalLogSf, normalQuantile } from './normal.js';

/**
 * Logarithm of Student's t density.
 *
 * @param x any real number.
 * @param df degrees of freedom, positive; Infinity is the standard normal.
 * @returns nats; NaN for df <= 0.
 */
export function studentLogPdf(x: number, df: number): number {
  if (!(df > 0)) return Number.NaN;
  if (df === Infinity) return normalLogPdf(x);
  return -logBeta(0.5 * df, 0.5) - 0.5 * Math.log(df) - 0.5 * (df + 1) * log1pSquare(x / Math.sqrt(df));
}

/**
 * Student's t distribution function.
 *
 * @param x any real number or ±Infinity.
 * @param df degrees of freedom, positive; Infinity is the standard normal.
 * @returns probability, accurate relative to itself in the lower tail; NaN for df <= 0.
 */
export function studentCdf(x: number, df: number): number {
  if (!(df > 0) || Number.isNaN(x)) return Number.NaN;
  if (df === Infinity) return normalCdf(x);
  return x > 0 ? 1 - upperTail(x, df) : upperTail(-x, df);
}

/**
 * log P(T > x) for Student's t: the upper tail, finite where the probability underflows.
 *
 * @param x any real number or ±Infinity.
 * @param df degrees of freedom, positive; Infinity is the standard normal.
 * @returns nats, at most 0; NaN for df <= 0.
 */
export function studentLogSf(x: number, df: number): number {
  if (!(df > 0) || Number.isNaN(x)) return Number.NaN;
  if (df === Infinity) return normalLogSf(x);
  if (x === Infinity) return -Infinity;
  if (x <= 0) return Math.log1p(-upperTail(-x, df));
  const tail = upperTail(x, df);
  if (tail > 1e-280) return Math.log(tail);
  const ratio = x / Math.sqrt(df);
  // P(T > x) = I_w(df/2, 1/2) / 2 with w = df / (df + x^2).
  return logIncompleteBeta(0.5 * df, 0.5, 1 / (1 + ratio * ratio)) - Math.LN2;
}

/**
 * Student's t quantile, by halving the interval it lies in until doubles end.
 *
 * @param p probability in [0, 1].
 * @param df degrees of freedom, positive; Infinity is the standard normal.
 * @returns x with P(T <= x) = p; -Infinity at 0 and Infinity at 1. NaN for df <= 0 or p outside [0, 1].
 */
export function studentQuantile(p: number, df: number): number {
  if (!(df > 0) || !(p >= 0 && p <= 1)) return Number.NaN;
  if (df === Infinity) return normalQuantile(p);
  if (p < 0.5) return -studentQuantile(1 - p, df);
  if (p === 0.5) return 0;
  if (p === 1) return Infinity;
  let low = 0;
  let high = 1;
  while (studentCdf(high, df) < p) high *= 2;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, df) < p) low = middle;
    else high = middle;
  }
  return high;
}

/** P(T > x) for x >= 0, through whichever of the two beta arguments is the smaller, so neither rounds to 1. */
function upperTail(x: number, df: number): number {
  const ratio = x / Math.sqrt(df);
  const square = ratio * ratio;
  if (square === Infinity) return 0;
  return square < 1
    ? 0.5 * incompleteBetaUpper(0.5, 0.5 * df, square / (1 + square))
    : 0.5 * incompleteBeta(0.5 * df, 0.5, 1 / (1 + square));
}

function log1pSquare(t: number): number {
  const size = Math.abs(t);
  return size > 1e150 ? 2 * Math.log(size) : Math.log1p(size * size);
}
