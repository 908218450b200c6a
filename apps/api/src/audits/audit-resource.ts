import { type Audit, problemOfTask } from '@engram/contract';
import type { AuditRecord } from '../records.js';

/** A record as clients see it. */
export function auditResource(record: AuditRecord): Audit {
  const self = `/v1/audits/${record.id}`;
  return {
    id: record.id,
    name: record.request.name,
    status: record.status,
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
    request: record.request,
    progress: record.progress,
    estimate: record.estimate,
    verdict: record.verdict,
    findings: [...record.findings],
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
