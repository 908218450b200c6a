import {
  type Audit,
  type AuditProgress,
  type AuditRequest,
  type Estimate,
  type Finding,
  problemOfTask,
} from '@engram/contract';
import type { AuditRecord } from '@engram/storage';

/** A record as clients see it. */
export function auditResource(record: AuditRecord): Audit {
  const self = `/v1/audits/${record.id}`;
  return {
    id: record.id,
    name: record.name,
    status: record.status,
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
    request: record.request as unknown as AuditRequest,
    progress: record.progress as AuditProgress,
    estimate: record.estimate as unknown as Estimate,
    verdict: record.verdict,
    findings: record.findings as unknown as Finding[],
    notices: [...record.notices],
    error: record.error === null ? null : problemOfTask(record.error),
    links: {
      self,
      events: `${self}/events`,
      cancel: `${self}/cancel`,
      report: `${self}/report`,
      reportHtml: `${self}/report.html`,
      samples: `${self}/samples`,
    },
  };
}
