import type { PrivacyBound } from '@engram/contract';
import {
  bayesianEpsilon,
  clopperPearsonEpsilon,
  type ErrorCounts,
  gaussianEpsilon,
  type TrialThreshold,
  trialErrors,
} from '@engram/metrics';
import { percent } from '../report/percent.js';
import { type BoundSettings, besideBounds, lowerBound } from './epsilon-bound.js';
import { atLeast, needsDelta } from './one-run-bounds.js';

export interface TrialSettings extends BoundSettings {
  readonly threshold: TrialThreshold;
  /** Of the half the threshold is chosen on. */
  readonly seed: number;
}

const independent = 'Every row is a training of its own, independent of the others.';

/**
 * Every bound that trainings with and without one canary give, the one the verdict rests on first.
 *
 * @param scores (R) one per training; higher = more surely trained with the canary.
 * @param included (R) 1 = trained with it.
 * @throws ENG_INSUFFICIENT_SAMPLES too few trials to choose a threshold on one half and count on the other.
 */
export function trialBounds(scores: Float64Array, included: Uint8Array, settings: TrialSettings): PrivacyBound[] {
  const { counts, threshold } = trialErrors(scores, included, settings.threshold, settings);
  const chosen =
    settings.threshold === 'disjointHalf'
      ? 'The threshold was chosen on other trials than it is counted on.'
      : 'The threshold was fixed before any trial was looked at.';
  const common = { assumes: [independent, chosen], details: { ...counts, threshold } };
  const n = counts.positives + counts.negatives;
  return [
    clopperPearson(counts, n, settings, common),
    gaussian(counts, n, settings, common),
    bayesian(counts, n, settings, common),
  ];
}

type Common = Pick<PrivacyBound, 'assumes' | 'details'>;

function clopperPearson(counts: ErrorCounts, n: number, settings: TrialSettings, common: Common): PrivacyBound {
  const epsilon = clopperPearsonEpsilon(counts, settings);
  return {
    ...lowerBound(epsilon, n, settings, {
      ...common,
      method: 'clopperPearson',
      statement: `${describeErrors(counts)} A training that is private at delta ${settings.delta} would allow so few errors only with epsilon ${atLeast(epsilon)}.`,
      valid: 'anyTraining',
      attainable: clopperPearsonEpsilon({ ...counts, falseNegatives: 0, falsePositives: 0 }, settings),
    }),
    primary: true,
  };
}

function gaussian(counts: ErrorCounts, n: number, settings: TrialSettings, common: Common): PrivacyBound {
  const parts = {
    method: 'gaussian',
    kind: 'lowerBound',
    valid: 'gaussianMechanisms',
    assumes: [...common.assumes, 'The training is mu-GDP: noise is Gaussian and no batch is drawn at random.'],
  } as const;
  if (settings.delta === 0) return needsDelta(parts);
  const { mu, epsilon } = gaussianEpsilon(counts, settings);
  return lowerBound(epsilon, n, settings, {
    ...parts,
    statement: `If the training is a Gaussian mechanism, the same errors show mu of at least ${mu.toFixed(3)}, which is epsilon ${atLeast(epsilon)} at delta ${settings.delta}. Of any other training this is an estimate.`,
    details: { ...common.details, mu },
    attainable: gaussianEpsilon({ ...counts, falseNegatives: 0, falsePositives: 0 }, settings).epsilon,
  });
}

function bayesian(
  counts: ErrorCounts,
  n: number,
  { delta, significance }: TrialSettings,
  common: Common,
): PrivacyBound {
  const credibility = 1 - significance;
  const { low, median, high } = bayesianEpsilon(counts, { credibility, delta });
  return besideBounds(
    { status: 'measured', value: median, low, high, confidence: credibility, n, method: 'exact' },
    delta,
    {
      ...common,
      method: 'bayesian',
      kind: 'credibleInterval',
      valid: 'givenThePrior',
      statement: `Given a Jeffreys prior on both error rates, epsilon lies between ${low.toFixed(3)} and ${high.toFixed(3)} with a probability of ${percent(credibility)}. A credible interval, not a bound that holds whatever the truth.`,
      assumes: [...common.assumes, 'Both error rates have independent Jeffreys priors.'],
    },
  );
}

function describeErrors({ falseNegatives, positives, falsePositives, negatives }: ErrorCounts): string {
  return `Of ${positives} trainings with the canary ${falseNegatives} were taken for without, and of ${negatives} without it ${falsePositives} for with.`;
}
