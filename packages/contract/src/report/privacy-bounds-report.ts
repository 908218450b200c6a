import { z } from 'zod';
import { gate } from './gate.js';
import { errorCode } from './measured.js';
import { verdict } from './verdict.js';

export const epsilonMethods = [
  'oneRun',
  'fDpOneRun',
  'bettingEProcess',
  'clopperPearson',
  'gaussian',
  'bayesian',
  'gaussianSeparation',
  'logRatio',
] as const;

/** A number on the scale of epsilon, nats, and how far it can be relied on. */
export const epsilonMeasured = z
  .discriminatedUnion('status', [
    z.strictObject({
      status: z.literal('measured'),
      /** The bound; of an interval the middle, of an estimate the estimate. */
      value: z.number(),
      /** `lowerBound`: the truth is at least `value`, and may be anything above; `interval`: between `low` and `high`. */
      direction: z.enum(['lowerBound', 'interval']),
      low: z.number(),
      /** Null: nothing bounds it from above. */
      high: z.number().nullable(),
      confidence: z.number().gt(0).lt(1),
      /** Canaries or trials it rests on. */
      n: z.number().int().nonnegative(),
    }),
    z.strictObject({ status: z.literal('notMeasured'), code: errorCode, reason: z.string() }),
  ])
  .meta({ id: 'EpsilonMeasured' });

export const privacyBound = z
  .strictObject({
    method: z.enum(epsilonMethods),
    /** In plain words. */
    statement: z.string(),
    /** The one the verdict rests on, named before the run. */
    primary: z.boolean(),
    kind: z.enum(['lowerBound', 'credibleInterval', 'estimate']),
    /** What it is valid for: any training; mechanisms with a Gaussian trade-off curve; those who share its prior; nothing. */
    valid: z.enum(['anyTraining', 'gaussianMechanisms', 'givenThePrior', 'never']),
    assumes: z.array(z.string()),
    epsilon: epsilonMeasured,
    /** The delta this epsilon stands beside. */
    delta: z.number(),
    /** The same bound had every guess been right: no larger one could have been shown. Null where that means nothing. */
    attainable: z.number().nullable(),
    /** Counts and settings it follows from: guesses, correct, mu, threshold. */
    details: z.record(z.string(), z.json()),
    /**
     * What a promise of (epsilon, delta) would hold every attack to, at this epsilon: since the truth is no smaller, no
     * guarantee below these can be given. Null for what is no lower bound.
     */
    ceilings: z
      .strictObject({
        accuracy: z.number(),
        advantage: z.number(),
        tprAtFpr: z.array(z.strictObject({ fpr: z.number(), tpr: z.number() })),
      })
      .nullable(),
  })
  .meta({ id: 'PrivacyBound' });

export const privacyBoundsReport = z
  .strictObject({
    verdict,
    statement: z.string(),
    design: z.enum(['oneRun', 'independentTrials']),
    /** What canaries were ranked by. */
    score: z.strictObject({ attack: z.string(), scoreId: z.string(), params: z.record(z.string(), z.json()) }),
    /** Canaries of the one run, or trials: trained on (with it), and left out (without). */
    included: z.number().int(),
    leftOut: z.number().int(),
    significance: z.number(),
    delta: z.number(),
    claimedEpsilon: z.number().nullable(),
    /** Whether canaries trained on and left out differ without asking the model, as a coin never makes them. */
    gates: z.array(gate),
    bounds: z.array(privacyBound),
    limits: z.array(z.string()),
  })
  .meta({ id: 'PrivacyBoundsReport' });

export type EpsilonMeasured = z.infer<typeof epsilonMeasured>;
export type PrivacyBound = z.infer<typeof privacyBound>;
export type PrivacyBoundsReport = z.infer<typeof privacyBoundsReport>;
