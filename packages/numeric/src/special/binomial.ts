import { incompleteBeta, incompleteBetaUpper, logIncompleteBeta } from './incomplete-beta.js';

/**
 * P(B <= k) for B ~ Binomial(n, p), through the incomplete beta function rather than a sum of terms.
 *
 * @param k count; any integer.
 * @param n number of trials, at least 0.
 * @param p probability of success, in [0, 1].
 * @returns probability in [0, 1]; NaN outside the domain.
 */
export function binomialCdf(k: number, n: number, p: number): number {
  if (!(n >= 0 && p >= 0 && p <= 1)) return Number.NaN;
  if (k < 0) return 0;
  if (k >= n) return 1;
  return incompleteBetaUpper(k + 1, n - k, p);
}

/**
 * P(B > k) for B ~ Binomial(n, p): the strict upper tail, accurate relative to itself.
 *
 * @param k count; any integer.
 * @param n number of trials, at least 0.
 * @param p probability of success, in [0, 1].
 * @returns probability in [0, 1]; NaN outside the domain.
 */
export function binomialSf(k: number, n: number, p: number): number {
  if (!(n >= 0 && p >= 0 && p <= 1)) return Number.NaN;
  if (k < 0) return 1;
  if (k >= n) return 0;
  return incompleteBeta(k + 1, n - k, p);
}

/**
 * log P(B > k) for B ~ Binomial(n, p), finite where the probability underflows.
 *
 * @param k count; any integer.
 * @param n number of trials, at least 0.
 * @param p probability of success, in [0, 1].
 * @returns nats, at most 0; NaN outside the domain.
 */
export function binomialLogSf(k: number, n: number, p: number): number {
  if (!(n >= 0 && p >= 0 && p <= 1)) return Number.NaN;
  if (k < 0) return 0;
  if (k >= n) return -Infinity;
  return logIncompleteBeta(k + 1, n - k, p);
}
