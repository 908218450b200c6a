import { z } from 'zod';
import { measured } from './measured.js';

/** One number of the audited model beside the same of models retrained by its recipe on its members. */
const overTrainings = z
  .strictObject({
    audited: measured,
    /**
     * `value` is the median over the retrained targets, `low` and `high` the least and the largest. The median over all
     * trainings by the recipe lies between these two with probability `confidence` = 1 - 2^(1 - n), or more.
     */
    retrained: measured,
    /** The audited model is below the least or above the largest of them; null where one of the two was not measured. */
    outside: z.boolean().nullable(),
  })
  .meta({ id: 'OverTrainings' });

/** Members that are flagged whichever training of the recipe is looked at. */
const reliableFlags = z
  .strictObject({
    /** The primary attack. */
    scoreId: z.string(),
    /** 0.001, or the lowest rate that was measured: each retrained target has its own threshold at this rate. */
    fpr: z.number(),
    /** So many retrained targets, four of five, must flag a sample. */
    needed: z.number().int(),
    /** Members they flag. */
    reliablyExposed: z.number().int(),
    /** Their share of the members. */
    share: measured,
    /** Share of the non-members flagged by the same rule: none of these models was trained on any. */
    nonMembers: measured,
    /** Members flagged on the audited model alone. */
    flaggedOnAudited: z.number().int(),
    /** Share of these that are reliably exposed: how far a flag on one model reproduces. */
    reproduced: measured,
    /** At most 20 of the reliably exposed, the most often flagged first. */
    sampleIds: z.array(z.string()),
  })
  .meta({ id: 'ReliableFlags' });

/** What membership attacks find in models trained as the audited one was, on the same members, from other seeds. */
export const retrainedTargetsReport = z
  .strictObject({
    /** Models retrained; none of them is a reference. */
    count: z.number().int(),
    /** The chance that one more training lies outside the range of so many: 2 / (count + 1). */
    outsideByChance: z.number(),
    /** How alike they are to the audited model in what they get right; null where that is not known. */
    accuracyMembers: overTrainings.nullable(),
    accuracyNonMembers: overTrainings.nullable(),
    attacks: z.array(
      z.strictObject({
        scoreId: z.string(),
        primary: z.boolean(),
        auc: overTrainings,
        tprAtFpr: z.array(overTrainings.extend({ fpr: z.number() })),
      }),
    ),
    /** Attacks that ran on the audited model alone, with the reason. */
    leftOut: z.array(z.strictObject({ attack: z.string(), reason: z.string() })),
    /** Null with fewer than five retrained targets, without a rate that was measured, or when a gate failed. */
    flags: reliableFlags.nullable(),
  })
  .meta({ id: 'RetrainedTargets' });

export type RetrainedTargetsReport = z.infer<typeof retrainedTargetsReport>;
