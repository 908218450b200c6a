import { z } from 'zod';
import { errorCode, measured } from './measured.js';

const notMeasured = { status: z.literal('notMeasured'), code: errorCode, reason: z.string() };

/** What the primary attack's scores trace at one rate of false accusations. */
const tracedAtRate = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('measured'),
    /** alpha: share of fresh records the threshold was set to trace, on non-members set aside. */
    falseAccusations: z.number(),
    /** Upper bound on the share of fresh records traced, one-sided at the audit's confidence. */
    soundness: z.number(),
    /** The bound does not exceed alpha. */
    sound: z.boolean(),
    /** Share of members traced. */
    recall: measured,
    /** Members surely traced, one-sided: m. */
    tracedAtLeast: z.number(),
    /** Records that would be traced by false accusation among as many. */
    expectedFalseAccusations: z.number(),
    /** More than ten times as many members are surely traced as by false accusation. */
    traceable: z.boolean(),
  }),
  z.strictObject({ ...notMeasured, falseAccusations: z.number() }),
]);

/** (alpha, m)-traceability, per record and in probability. */
export const membershipTraceability = z
  .strictObject({
    /** The primary attack. */
    scoreId: z.string(),
    statement: z.string(),
    rates: z.array(tracedAtRate),
  })
  .meta({ id: 'MembershipTraceability' });

/** Information about which records were trained on: a lower bound's estimate, in bits. */
export const membershipInformation = z
  .discriminatedUnion('status', [
    z.strictObject({
      status: z.literal('measured'),
      scoreId: z.string(),
      statement: z.string(),
      /** At least this many bits for each pair of a member and a non-member. No interval: guesses inside one model depend. */
      bitsPerPair: z.number(),
      /**
       * Mean of the same over models retrained on the same members, with Student's interval over these: `n` counts models.
       * Absent in reports written before it was measured.
       */
      overRetrained: measured.optional(),
      pairs: z.number().int(),
      /** Guesses by how far the scores of a pair lie apart, the closest first. */
      bins: z.array(z.strictObject({ guesses: z.number().int(), accuracy: z.number() })),
    }),
    z.strictObject(notMeasured),
  ])
  .meta({ id: 'MembershipInformation' });

export type MembershipTraceability = z.infer<typeof membershipTraceability>;
export type MembershipInformation = z.infer<typeof membershipInformation>;
