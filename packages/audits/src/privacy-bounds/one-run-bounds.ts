import type { PrivacyBound } from '@engram/contract';
import {
  bettingEpsilon,
  type DeclaredGuesses,
  declaredSplits,
  estimateGaussianEpsilon,
  estimateLogRatio,
  fDpOneRunEpsilon,
  type OneRunEpsilon,
  oneRunEpsilon,
} from '@engram/metrics';
import { type BoundSettings, besideBounds, lowerBound, noBound } from './epsilon-bound.js';

export interface OneRunSettings extends BoundSettings {
  readonly guesses: DeclaredGuesses;
  /** Orders equal scores. */
  readonly seed: number;
}

const coins = 'Every canary was included by an independent fair coin.';
const declared = 'How many guesses are made was decided before any was looked at.';
const gaussianCurve = 'The training has a Gaussian trade-off curve; for other mechanisms this bounds nothing.';

/**
 * Every bound the canaries of one training run give, the one the verdict rests on first.
 *
 * @param scores (m) one per canary; higher = more surely included.
 * @param included (m) 1 = trained on.
 */
export function oneRunBounds(scores: Float64Array, included: Uint8Array, settings: OneRunSettings): PrivacyBound[] {
  return [
    anyTraining(scores, included, settings),
    gaussianMechanisms(scores, included, settings),
    betting(scores, included, settings),
    ...estimates(scores, included, settings),
  ];
}

function anyTraining(scores: Float64Array, included: Uint8Array, settings: OneRunSettings): PrivacyBound {
  const found = oneRunEpsilon(scores, included, settings.guesses, settings);
  return {
    ...lowerBound(found.epsilon, scores.length, settings, {
      method: 'oneRun',
      statement: `${describeGuesses(found)} A training that is private at delta ${settings.delta} would allow so many only with epsilon ${atLeast(found.epsilon)}.`,
      valid: 'anyTraining',
      assumes: [coins, declared],
      details: detailsOf(found),
      attainable: found.attainable,
    }),
    primary: true,
  };
}

function gaussianMechanisms(scores: Float64Array, included: Uint8Array, settings: OneRunSettings): PrivacyBound {
  const parts = {
    method: 'fDpOneRun',
    kind: 'lowerBound',
    valid: 'gaussianMechanisms',
    assumes: [coins, declared, gaussianCurve],
  } as const;
  if (settings.delta === 0) return needsDelta(parts);
  const found = fDpOneRunEpsilon(scores, included, settings.guesses, settings);
  return lowerBound(found.epsilon, scores.length, settings, {
    ...parts,
    statement: `If the noise of the training is Gaussian, the same guesses show epsilon ${atLeast(found.epsilon)} at delta ${settings.delta}.`,
    details: detailsOf(found),
    attainable: found.attainable,
  });
}

function betting(scores: Float64Array, included: Uint8Array, settings: OneRunSettings): PrivacyBound {
  const epsilon = bettingEpsilon(scores, included, settings);
  return lowerBound(
    epsilon,
    scores.length,
    { ...settings, delta: 0 },
    {
      method: 'bettingEProcess',
      statement: `Betting on one canary after another, without choosing how many, shows epsilon ${atLeast(epsilon)} for a training that is private at delta 0. It says nothing of a promise with a larger delta.`,
      valid: 'anyTraining',
      assumes: [coins, 'Delta is 0.'],
      details: { canaries: scores.length },
      attainable: bettingEpsilon(Float64Array.from(included), included, settings),
    },
  );
}

function estimates(scores: Float64Array, included: Uint8Array, settings: OneRunSettings): PrivacyBound[] {
  const confidence = 1 - settings.significance;
  const parts = { kind: 'estimate', valid: 'never', details: {} } as const;
  const separation = {
    ...parts,
    method: 'gaussianSeparation',
    statement: `An estimate, not a bound: how far apart the scores of canaries trained on and left out lie, read as a Gaussian mechanism's epsilon.`,
    assumes: ['Scores are Gaussian with one spread.', gaussianCurve],
  } as const;
  return [
    settings.delta === 0
      ? needsDelta(separation)
      : besideBounds(
          estimateGaussianEpsilon(scores, included, settings.delta, confidence).measured,
          settings.delta,
          separation,
        ),
    besideBounds(estimateLogRatio(scores, included, confidence).measured, 0, {
      ...parts,
      method: 'logRatio',
      statement:
        'An estimate, not a bound: the logarithm of true over false positive rate where 50 canaries left out are taken for trained on.',
      assumes: ['Canaries are taken for independent trials, which those of one model are not.'],
    }),
  ];
}

export function needsDelta(parts: Omit<Parameters<typeof noBound>[2], 'statement' | 'details'>): PrivacyBound {
  const reason = 'a Gaussian mechanism has no finite epsilon at delta 0';
  return noBound(reason, 0, { ...parts, statement: `Not measured: ${reason}.`, details: {} });
}

export function atLeast(epsilon: number): string {
  return epsilon === 0 ? 'of 0 or more, which is to say nothing' : `of at least ${epsilon.toFixed(3)}`;
}

function describeGuesses({ correct, guesses, split, splits, canaries }: OneRunEpsilon): string {
  const among = splits === 1 ? '' : `, the best of ${splits} declared numbers of guesses, which is paid for`;
  return `Of ${canaries} canaries the ${split.in} with the highest scores were guessed trained on and the ${split.out} with the lowest left out${among}: ${correct} of ${guesses} guesses are right.`;
}

function detailsOf({ correct, guesses, split, splits, canaries }: OneRunEpsilon): PrivacyBound['details'] {
  return { canaries, guesses, correct, guessedIn: split.in, guessedOut: split.out, splitsTested: splits };
}

/** The default: a tenth of the canaries on each side. */
export function defaultGuesses(canaries: number): DeclaredGuesses {
  const each = Math.max(1, Math.round(canaries / 10));
  return { in: each, out: each };
}

/** The largest bound on epsilon any declared split of canaries could show, all guesses being right. */
export function attainableBound(canaries: number, guesses: DeclaredGuesses, settings: BoundSettings): number {
  const splits = declaredSplits(guesses);
  const each = { ...settings, significance: settings.significance / splits.length, seed: 0 };
  return Math.max(
    ...splits.map((split) => {
      const perfect = Uint8Array.from({ length: canaries }, (_, i) => Number(i < split.in));
      return oneRunEpsilon(perfect, perfect, split, each).attainable;
    }),
  );
}
