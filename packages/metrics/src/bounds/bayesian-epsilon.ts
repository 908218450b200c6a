import { incompleteBeta, incompleteBetaInverse } from '@engram/numeric';
import { bisect } from './bisect.js';
import { type ErrorCounts, errorBounds } from './error-counts.js';

/** Posterior quantiles of epsilon, nats. */
export interface CredibleInterval {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** Strata of one error rate's posterior; each is stood for by its middle. */
const strata = 512;
const largestEpsilon = 100;

/**
 * Credible interval of epsilon from independent trials. The error rates have independent Jeffreys posteriors,
 * FNR ~ Beta(1/2 + FN, 1/2 + TP) and FPR ~ Beta(1/2 + FP, 1/2 + TN); epsilon is the largest of the four log-ratios the
 * privacy region bounds, floored at 0. Its distribution function is integrated over strata of equal probability of one
 * rate, with the other's in closed form, so no draws are needed.
 *
 * What it says depends on the prior: with it, epsilon lies in here with the credibility. It does not promise to cover the
 * truth in that share of audits.
 *
 * @param counts errors of one test over trials with and without the canary.
 * @param options.credibility two-sided, a fraction in (0, 1).
 * @param options.delta fraction in [0, 1).
 * @returns quantiles of epsilon; `high` is 100 where the posterior reaches further.
 * @throws as `errorBounds`.
 * @see Zanella-Béguelin et al. 2023, "Bayesian Estimation of Differential Privacy", section 4.
 */
export function bayesianEpsilon(
  counts: ErrorCounts,
  { credibility, delta }: { readonly credibility: number; readonly delta: number },
): CredibleInterval {
  errorBounds(counts, 1 - credibility);
  const distribution = epsilonDistribution(counts, delta);
  const quantile = (p: number) => bisect((epsilon) => distribution(epsilon) < p, 0, largestEpsilon);
  const tail = (1 - credibility) / 2;
  return { low: quantile(tail), median: quantile(0.5), high: quantile(1 - tail) };
}

/** Posterior probability that epsilon is at most its argument. */
function epsilonDistribution(counts: ErrorCounts, delta: number): (epsilon: number) => number {
  const { falseNegatives, positives, falsePositives, negatives } = counts;
  const [fnrA, fnrB] = [0.5 + falseNegatives, 0.5 + positives - falseNegatives];
  const [fprA, fprB] = [0.5 + falsePositives, 0.5 + negatives - falsePositives];
  const rates = Float64Array.from({ length: strata }, (_, i) => incompleteBetaInverse(fprA, fprB, (i + 0.5) / strata));
  return (epsilon) => {
    const ratio = Math.exp(epsilon);
    let sum = 0;
    for (const fpr of rates) {
      // ln((1 - delta - a) / b) <= epsilon for all four pairs, solved for the false negative rate.
      const lowest = Math.max(0, (1 - delta - fpr) / ratio, 1 - delta - ratio * fpr);
      const highest = Math.min(1, 1 - (fpr - delta) / ratio, delta + ratio * (1 - fpr));
      if (highest > lowest) sum += incompleteBeta(fnrA, fnrB, highest) - incompleteBeta(fnrA, fnrB, lowest);
    }
    return sum / strata;
  };
}
