import { z } from 'zod';
import { attackResult } from './attack-result.js';
import { gate } from './gate.js';
import { measured } from './measured.js';
import {
  blindBaselineNumbers,
  certifiedMembers,
  lossTail,
  membershipSlices,
  samplesToSettle,
  sampleVulnerability,
} from './membership-numbers.js';
import { retrainedTargetsReport } from './retrained-targets-report.js';
import { membershipInformation, membershipTraceability } from './traceability-report.js';
import { verdict } from './verdict.js';

export const membershipReport = z
  .strictObject({
    verdict,
    statement: z.string(),
    /** What would settle an inconclusive verdict; null otherwise. */
    samplesToSettle: samplesToSettle.nullable(),
    members: z.number().int(),
    nonMembers: z.number().int(),
    gates: z.array(gate),
    /** What the blind-baseline gate rests on; null when it did not run. */
    blindBaseline: blindBaselineNumbers.nullable(),
    attacks: z.array(attackResult),
    /** How completely members have left the high-loss tail: the plain loss attack turned round, without references. */
    lossTail,
    /** Null unless asked for; none is drawn when a gate failed. */
    certified: certifiedMembers.nullable(),
    /** Null when not asked for, or when no attack could be run. */
    slices: membershipSlices.nullable(),
    /** From the bank of reference models; null with fewer than eight, or where they trained on none of the samples. */
    vulnerability: sampleVulnerability.nullable(),
    /** Members the primary attack points at while hardly accusing fresh records; absent when a gate failed or none ran. */
    traceability: membershipTraceability.optional(),
    /** What the primary attack's scores prove about which samples were trained on; absent likewise. */
    cmi: membershipInformation.optional(),
    /** One run of the recipe is one draw: the attacks on others. Absent when not asked for. */
    retrainedTargets: retrainedTargetsReport.optional(),
    /** Attacks of the request that could not run, with the reason. */
    skipped: z.array(z.strictObject({ attack: z.string(), code: z.string(), reason: z.string() })),
    referenceModels: z
      .strictObject({
        count: z.number().int(),
        recipe: z.record(z.string(), z.json()),
        recipeFrom: z.enum(['request', 'manifest', 'default', 'given']),
        /** Mean accuracy of references on samples they were and were not trained on. */
        accuracyIn: z.number().nullable(),
        accuracyOut: z.number().nullable(),
      })
      .nullable(),
    target: z.strictObject({
      accuracyMembers: measured,
      accuracyNonMembers: measured,
      /** Nothing but the target's labels was read: it told no more, or its owner let it tell no more. */
      labelsAlone: z.literal(true).optional(),
    }),
    limits: z.array(z.string()),
  })
  .meta({ id: 'MembershipReport' });

export type MembershipReport = z.infer<typeof membershipReport>;
