import { z } from 'zod';
import { histogram } from './histogram.js';
import { measured } from './measured.js';
import { aboveAllNonMembers, attackAdvantage, pairedComparison, tprAtFpr } from './membership-numbers.js';

export const rocCurve = z
  .strictObject({
    fpr: z.array(z.number()),
    tpr: z.array(z.number()),
    /** Pointwise interval of the true positive rate at the audit's confidence. */
    low: z.array(z.number()),
    high: z.array(z.number()),
  })
  .meta({ id: 'RocCurve' });

export const attackResult = z
  .strictObject({
    /** Id of the attack in the catalog: `lira`. */
    attack: z.string(),
    /** Unique within the report, and the name of its column in the per-sample table: `lira-offline-global`. */
    scoreId: z.string(),
    params: z.record(z.string(), z.json()),
    /** Set where the score ranks members by how exposed they are and is no evidence on who is one. */
    ranks: z.literal('vulnerability').optional(),
    /** The attack named before the run; the others are exploratory. */
    primary: z.boolean(),
    direction: z.literal('higherIsMember'),
    auc: measured,
    /** One-sided p-value of members scoring above non-members (Mann-Whitney). */
    pValue: z.number(),
    /** After Holm's correction over the exploratory attacks; that of the primary attack is its p-value. */
    adjustedPValue: z.number(),
    /** Against the primary attack; null for that one itself. */
    againstPrimary: pairedComparison.nullable(),
    tprAtFpr: z.array(tprAtFpr),
    aboveAllNonMembers,
    advantage: attackAdvantage,
    roc: rocCurve,
    histogram,
    /** One-sided p-value of the paired DeLong test that the attack beats the blind baseline, when that gate ran. */
    pValueAgainstBlind: z.number().nullable(),
    /** AUC of the attack less that of the blind baseline, on the samples that one looked at. */
    aucAboveBlind: measured.nullable(),
    /** The same attack, same statistic, with a reference model in the target's place. */
    control: measured,
    referenceModels: z.number().int().nonnegative(),
  })
  .meta({ id: 'AttackResult' });

export type AttackResult = z.infer<typeof attackResult>;
