import { z } from 'zod';
import { auditId } from '../identifiers.js';
import { difficultyReport } from './difficulty-report.js';
import { extractionReport } from './extraction-report.js';
import { finding } from './finding.js';
import { labelMemorizationReport } from './label-memorization-report.js';
import { membershipReport } from './membership-report.js';
import { memorizationReport } from './memorization-report.js';
import { privacyBoundsReport } from './privacy-bounds-report.js';
import { verdict } from './verdict.js';

export const report = z
  .strictObject({
    auditId,
    schema: z.literal('engram.report/1'),
    name: z.string(),
    verdict,
    /** The whole in a few plain sentences, most important first. */
    summary: z.array(z.string()),
    findings: z.array(finding),
    membership: membershipReport.nullable(),
    extraction: extractionReport.nullable(),
    unlearningDifficulty: difficultyReport.nullable(),
    /** Absent when not asked for. */
    labelMemorization: labelMemorizationReport.optional(),
    /** Absent when not asked for. */
    privacyBounds: privacyBoundsReport.optional(),
    /** Absent when not asked for. */
    memorization: memorizationReport.optional(),
    samples: z.strictObject({ count: z.number().int(), columns: z.array(z.string()) }),
    reproduce: z.strictObject({
      request: z.record(z.string(), z.json()),
      seed: z.number().int(),
      digests: z.record(z.string(), z.string()),
      versions: z.record(z.string(), z.string()),
      hardware: z.record(z.string(), z.json()),
    }),
  })
  .meta({ id: 'Report' });

export type Report = z.infer<typeof report>;
