import { z } from 'zod';
import { datasetId, modelId } from './identifiers.js';
import { labelMemorizationTest } from './label-memorization-test.js';
import { memorizationTest } from './memorization-test.js';
import { privacyBoundsTest } from './privacy-bounds-test.js';
import { difficultyTest, extractionTest, membershipTest } from './tests-requested.js';

/** What `POST /v1/audits` takes. Ids refer to what was uploaded before. */
export const auditRequest = z
  .strictObject({
    name: z.string().min(1).max(200).default('audit'),
    /** Absent: the datasets carry recorded outputs and no model is run. */
    model: modelId.optional(),
    data: z
      .strictObject({
        members: datasetId.optional(),
        nonMembers: datasetId.optional(),
        /** One dataset with a member field, instead of the two above. */
        auditSet: datasetId.optional(),
        /** Non-members apart from those judged, on which thresholds and learned attacks are set. */
        calibration: datasetId.optional(),
        /** Same distribution, in neither the audit set nor training. */
        population: datasetId.optional(),
        /** Texts with a secret planted a known number of times; 0 = never planted. */
        canaries: datasetId.optional(),
      })
      .superRefine((data, context) => {
        const pair = data.members !== undefined || data.nonMembers !== undefined;
        if (data.auditSet !== undefined && pair)
          context.addIssue({
            code: 'custom',
            path: ['auditSet'],
            message: 'give either auditSet (with a member field) or members and nonMembers, not both',
          });
        if (data.auditSet === undefined && !pair)
          context.addIssue({
            code: 'custom',
            path: [],
            message: 'expected members and nonMembers, or auditSet with a member field; got neither',
          });
        if (data.auditSet === undefined && pair) {
          for (const side of ['members', 'nonMembers'] as const)
            if (data[side] === undefined)
              context.addIssue({ code: 'custom', path: [side], message: `expected a dataset id for ${side}` });
        }
      }),
    tests: z
      .strictObject({
        membership: membershipTest.optional(),
        extraction: extractionTest.optional(),
        unlearningDifficulty: difficultyTest.optional(),
        labelMemorization: labelMemorizationTest.optional(),
        memorization: memorizationTest.optional(),
        privacyBounds: privacyBoundsTest.optional(),
      })
      .refine((tests) => Object.values(tests).some((test) => test !== undefined), {
        message:
          'name at least one test: membership, extraction, unlearningDifficulty, labelMemorization, memorization or privacyBounds',
      }),
    seed: z.number().int().min(0).max(4294967295).default(1),
    confidence: z.number().gt(0.5).lt(1).default(0.95),
  })
  .meta({ id: 'AuditRequest' });

/** As parsed: every default filled in. */
export type AuditRequest = z.infer<typeof auditRequest>;
/** As a client may write it. */
export type AuditRequestInput = z.input<typeof auditRequest>;
