import { type ErrorCounts, errorBounds } from './error-counts.js';

/**
 * Lower bound on epsilon from independent trials:
 * max(0, ln((1 - delta - FPR+) / FNR+), ln((1 - delta - FNR+) / FPR+)) with Clopper-Pearson bounds on both error rates.
 *
 * Trials are whole trainings. Many canaries inside one model are not independent trials: counting them so gives a number
 * that bounds nothing, for which `oneRunEpsilon` is there.
 *
 * @param counts errors of one test over trials with and without the canary.
 * @param options.significance total chance of exceeding the true epsilon, a fraction in (0, 1).
 * @param options.delta fraction in [0, 1).
 * @returns nats, at least 0; higher = less private.
 * @throws as `errorBounds`.
 * @see Jagielski, Ullman and Oprea 2020, "Auditing Differentially Private Machine Learning"; Nasr et al. 2021, "Adversary
 *   Instantiation", section 2.
 */
export function clopperPearsonEpsilon(
  counts: ErrorCounts,
  { significance, delta }: { readonly significance: number; readonly delta: number },
): number {
  const { falseNegativeRate: fnr, falsePositiveRate: fpr } = errorBounds(counts, significance);
  return Math.max(0, logRatio(1 - delta - fpr, fnr), logRatio(1 - delta - fnr, fpr));
}

function logRatio(numerator: number, denominator: number): number {
  return numerator > 0 ? Math.log(numerator / denominator) : Number.NEGATIVE_INFINITY;
}
