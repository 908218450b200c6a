import { z } from 'zod';
import { finding } from '../report/finding.js';
import { verdict } from '../report/verdict.js';
import { auditProgress, auditStatus } from './audit.js';

/** The server-sent events of an audit by name, each with the schema of its data. */
export const auditEvents = {
  status: z
    .strictObject({ status: auditStatus, at: z.iso.datetime(), verdict: verdict.nullable() })
    .meta({ id: 'StatusEvent' }),
  progress: auditProgress,
  finding,
} as const;

export type AuditEventName = keyof typeof auditEvents;
export type AuditEventData<N extends AuditEventName> = z.infer<(typeof auditEvents)[N]>;
export type StatusEvent = AuditEventData<'status'>;
