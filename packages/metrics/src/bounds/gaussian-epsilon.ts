import { normalQuantile } from '@engram/numeric';
import { type ErrorCounts, errorBounds } from './error-counts.js';
import { epsilonOfMu } from './gaussian-conversion.js';

/** A lower bound on mu, and the epsilon a mu-GDP mechanism has at the delta asked for. */
export interface GaussianBound {
  readonly mu: number;
  /** Nats. */
  readonly epsilon: number;
}

/**
 * Lower bound on mu from independent trials, and its epsilon: mu = z_{1 - FPR+} - z_{FNR+}, floored at 0.
 *
 * Valid for mechanisms whose trade-off curve is Gaussian alone: full-batch noisy gradients. Of any other mechanism the
 * epsilon is an estimate, for the curve between the observed point and the delta is then assumed.
 *
 * @param counts errors of one test over trials with and without the canary.
 * @param options.significance total chance of exceeding the true mu, a fraction in (0, 1).
 * @param options.delta fraction in (0, 1).
 * @throws as `errorBounds`.
 * @see Dong, Roth and Su 2019, "Gaussian Differential Privacy"; Nasr et al. 2023, "Tight Auditing of Differentially
 *   Private Machine Learning", section 4.
 */
export function gaussianEpsilon(
  counts: ErrorCounts,
  { significance, delta }: { readonly significance: number; readonly delta: number },
): GaussianBound {
  const { falseNegativeRate, falsePositiveRate } = errorBounds(counts, significance);
  const mu = Math.max(0, -normalQuantile(falsePositiveRate) - normalQuantile(falseNegativeRate));
  return { mu, epsilon: epsilonOfMu(mu, delta) };
}
