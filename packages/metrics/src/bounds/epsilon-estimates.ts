import { type Measured, notMeasured } from '@engram/domain';
import { mean, normalQuantile, variance } from '@engram/numeric';
import { countSides, scoresOf } from '../scored-samples.js';
import { epsilonOfMu } from './gaussian-conversion.js';

/** A number that looks like a bound on privacy and is none: it may lie on either side of the truth. */
export interface PrivacyEstimate {
  readonly kind: 'estimate';
  readonly measured: Measured;
}

/** Below this many false positives the denominator of the ratio is itself a guess. */
const fewestFalsePositives = 50;
const fewestPerSide = 10;

/**
 * Separation of the scores of included and left-out canaries, read as the mu of a Gaussian mechanism:
 * (mean_in - mean_out) / pooled SD, standard error sqrt(4/m + mu^2 / (2m)).
 *
 * @param scores (m) finite; higher = more surely included.
 * @param membership (m) 1 = included.
 * @returns mu, in standard deviations; not measured with ENG_INSUFFICIENT_SAMPLES below ten a side or without spread.
 * @throws as `countSides`.
 * @see Andrew et al. 2024, "One-shot Empirical Privacy Estimation for Federated Learning", for the idea.
 */
export function estimateMu(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  confidence = 0.95,
): PrivacyEstimate {
  const { members, nonMembers } = countSides(scores, membership);
  const n = scores.length;
  const included = scoresOf(scores, membership, 1);
  const leftOut = scoresOf(scores, membership, 0);
  const squares = (members - 1) * variance(included) + (nonMembers - 1) * variance(leftOut);
  if (Math.min(members, nonMembers) < fewestPerSide || !(squares > 0))
    return estimate(
      notMeasured(
        'ENG_INSUFFICIENT_SAMPLES',
        `needs at least ${fewestPerSide} canaries on each side with differing scores, got ${members} and ${nonMembers}`,
      ),
    );
  const value = (mean(included) - mean(leftOut)) / Math.sqrt(squares / (n - 2));
  const width = normalQuantile((1 + confidence) / 2) * Math.sqrt(4 / n + value ** 2 / (2 * n));
  return estimate({
    status: 'measured',
    value,
    low: value - width,
    high: value + width,
    confidence,
    n,
    method: 'normal',
  });
}

/** The same estimate as the epsilon a Gaussian mechanism with that mu has at a delta. Nats, at least 0. */
export function estimateGaussianEpsilon(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  delta: number,
  confidence = 0.95,
): PrivacyEstimate {
  const { measured } = estimateMu(scores, membership, confidence);
  if (measured.status !== 'measured') return estimate(measured);
  const epsilon = (mu: number) => epsilonOfMu(Math.max(0, mu), delta);
  return estimate({
    ...measured,
    value: epsilon(measured.value),
    low: epsilon(measured.low),
    high: epsilon(measured.high),
  });
}

/**
 * ln(TPR / FPR) at the threshold that leaves 50 false positives, with the interval of a log-ratio of two independent
 * rates. The threshold is set on the very canaries it is counted on.
 *
 * @param scores (m) without NaN; higher = more surely included.
 * @param membership (m) 1 = included.
 * @returns nats; not measured with ENG_INSUFFICIENT_SAMPLES where too few were left out, or ties let none be told apart.
 * @throws as `countSides`.
 * @see Katz et al. 1978, "Obtaining Confidence Intervals for the Risk Ratio in Cohort Studies", for the interval.
 */
export function estimateLogRatio(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  confidence = 0.95,
): PrivacyEstimate {
  const { members, nonMembers } = countSides(scores, membership);
  const leftOut = scoresOf(scores, membership, 0).sort();
  const threshold = leftOut[nonMembers - fewestFalsePositives];
  const atLeast = (side: 0 | 1) => scoresOf(scores, membership, side).filter((score) => score >= threshold).length;
  const [truePositives, falsePositives] =
    nonMembers > 2 * fewestFalsePositives && members > 0 ? [atLeast(1), atLeast(0)] : [0, 0];
  if (truePositives === 0)
    return estimate(
      notMeasured(
        'ENG_INSUFFICIENT_SAMPLES',
        `needs more than ${2 * fewestFalsePositives} canaries left out and some included above their threshold, got ${nonMembers} and ${truePositives} of ${members}`,
      ),
    );
  const value = Math.log(truePositives / members / (falsePositives / nonMembers));
  const error = Math.sqrt(1 / truePositives - 1 / members + 1 / falsePositives - 1 / nonMembers);
  const width = normalQuantile((1 + confidence) / 2) * error;
  return estimate({
    status: 'measured',
    value,
    low: value - width,
    high: value + width,
    confidence,
    n: scores.length,
    method: 'normal',
  });
}

function estimate(measured: Measured): PrivacyEstimate {
  return { kind: 'estimate', measured };
}
