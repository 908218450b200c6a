import { membershipAttackRequest } from '@engram/attacks';
import { z } from 'zod';

/** Canaries guessed included (the highest scores) and left out (the lowest); about the rest nothing is said. */
const guessSplit = z.strictObject({
  in: z.number().int().nonnegative(),
  out: z.number().int().nonnegative(),
});

export const privacyBoundsTest = z
  .strictObject({
    /**
     * `oneRun`: the samples judged are canaries of one training run. `independentTrials`: every row is one of many
     * trainings, member = 1 where the canary was in, with what that model said of it.
     */
    design: z.enum(['oneRun', 'independentTrials']).default('oneRun'),
    /** One run only, and to be stated: how it was decided which canaries are trained on. */
    inclusion: z.enum(['independentCoins', 'exactHalf']).optional(),
    /** What canaries are ranked by: an attack that reads the target alone. */
    score: membershipAttackRequest.default('loss'),
    /** One run only: how many guesses are made, decided now. Default: a tenth of the canaries on each side. */
    guesses: z.union([guessSplit, z.strictObject({ grid: z.array(guessSplit).min(1).max(6) })]).optional(),
    /**
     * Independent trials only: a score above which a trial counts as trained with the canary, fixed before any was looked
     * at; or the best on a random half of the trials, used on the other. Default: the latter.
     */
    threshold: z.union([z.number(), z.literal('disjointHalf')]).optional(),
    delta: z.number().min(0).lt(1).default(1e-5),
    /** Chance of a bound above the truth. */
    significance: z.number().gt(0).lte(0.5).default(0.05),
    /** The epsilon promised for this training, at `delta`: a bound above it refutes the promise. */
    claimedEpsilon: z.number().nonnegative().optional(),
  })
  .meta({ id: 'PrivacyBoundsTest' });

export type PrivacyBoundsTest = z.infer<typeof privacyBoundsTest>;
