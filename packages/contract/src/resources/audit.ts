import { auditStatuses, taskKinds } from '@engram/domain';
import { z } from 'zod';
import { auditRequest } from '../audit-request.js';
import { auditId } from '../identifiers.js';
import { problem } from '../problems.js';
import { finding } from '../report/finding.js';
import { verdict } from '../report/verdict.js';

export const auditStatus = z.enum(auditStatuses).meta({ id: 'AuditStatus' });

export const auditProgress = z
  .strictObject({
    /** Finished units. */
    done: z.number().int().nonnegative(),
    total: z.number().int().nonnegative(),
    unit: z.literal('task'),
    /** Kind of the task last heard of: `train-reference`; null before the first. */
    phase: z.string().nullable(),
    /** Seconds until the report by what is known now; null when nothing comparable has been timed. */
    etaSeconds: z.number().nonnegative().nullable(),
  })
  .meta({ id: 'AuditProgress' });

/** What an audit will cost, by tasks of the same kind timed before. */
export const estimate = z
  .strictObject({
    /** From start to report; null when a kind of task was never timed here. */
    seconds: z.number().nonnegative().nullable(),
    /** Tasks still to be run; those finished for an earlier audit are reused. */
    tasks: z.number().int(),
    /** Workers the estimate divides the work among. */
    workers: z.number().int(),
    byKind: z.partialRecord(
      z.enum(taskKinds),
      /** One after another on one worker. */
      z.strictObject({ tasks: z.number().int(), seconds: z.number().nonnegative().nullable() }),
    ),
  })
  .meta({ id: 'Estimate' });

export const audit = z
  .strictObject({
    id: auditId,
    name: z.string(),
    status: auditStatus,
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
    /** As understood: every default filled in. */
    request: auditRequest,
    progress: auditProgress,
    estimate,
    /** Null until succeeded. */
    verdict: verdict.nullable(),
    /** So far: the report's once succeeded. */
    findings: z.array(finding),
    /** What will be left out or is thin, and why. */
    notices: z.array(z.string()),
    /** Why it failed. */
    error: problem.nullable(),
    links: z.strictObject({
      self: z.string(),
      events: z.string(),
      cancel: z.string(),
      report: z.string(),
      reportHtml: z.string(),
      samples: z.string(),
    }),
  })
  .meta({ id: 'Audit' });

/** What `?dryRun=true` answers: the audit would be accepted, and what it would cost. */
export const preflight = z
  .strictObject({ request: auditRequest, notices: z.array(z.string()), estimate })
  .meta({ id: 'Preflight' });

export type Audit = z.infer<typeof audit>;
export type AuditProgress = z.infer<typeof auditProgress>;
export type Estimate = z.infer<typeof estimate>;
export type Preflight = z.infer<typeof preflight>;
