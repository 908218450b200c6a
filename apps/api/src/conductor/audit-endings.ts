import { readReport } from '@engram/audits';
import type { AuditProgress } from '@engram/contract';
import {
  type ArtifactStore,
  asEngramError,
  type Json,
  type SerializedError,
  serializeError,
  type TaskOutput,
} from '@engram/domain';
import { decodeBundle } from '@engram/numeric';
import type { AuditQueue } from '@engram/queue';
import type { Logger } from '@engram/service';
import type { AuditChange, NewEvent } from '@engram/storage';
import { findingEvent, newFindings, progressEvent, statusEvent } from './audit-events.js';
import type { OpenAudits } from './open-audits.js';

/** Records how audits end. Of two processes that would end one, the records let one win. */
export class AuditEndings {
  private readonly audits: OpenAudits;
  private readonly store: ArtifactStore;
  private readonly queue: AuditQueue;
  private readonly logger: Logger;

  constructor(audits: OpenAudits, store: ArtifactStore, queue: AuditQueue, logger: Logger) {
    this.audits = audits;
    this.store = store;
    this.queue = queue;
    this.logger = logger;
  }

  /** @throws ENG_STORAGE_UNAVAILABLE and its like: the store is away for a moment, which is not the end of an audit. */
  async succeed(auditId: string, output: TaskOutput): Promise<void> {
    const audit = await this.audits.find(auditId);
    if (audit === undefined) return;
    try {
      const bytes = await this.store.read(audit.project, output.digest);
      const { verdict, findings } = readReport(decodeBundle(bytes, 'the report'));
      const progress = { ...(audit.progress as AuditProgress), done: audit.progress.total, etaSeconds: 0 };
      await this.end(
        auditId,
        {
          status: 'succeeded',
          progress,
          findings: findings as unknown as Json[],
          verdict,
          report: output.digest,
        },
        [...newFindings(audit, findings).map(findingEvent), progressEvent(progress)],
      );
    } catch (thrown) {
      const error = asEngramError(thrown);
      if (error.family === 'upstream') throw error;
      await this.fail(auditId, serializeError(error));
    }
    await this.forget(auditId);
  }

  async fail(auditId: string, { stack: _, ...error }: SerializedError): Promise<void> {
    if (error.code === 'ENG_AUDIT_CANCELLED') return this.cancel(auditId);
    await this.end(auditId, { status: 'failed', error });
    await this.forget(auditId);
  }

  async cancel(auditId: string): Promise<void> {
    await this.end(auditId, { status: 'cancelled' });
  }

  /** Ends an audit the queue says was stopped, the way it was stopped. */
  async stop(auditId: string): Promise<void> {
    const { stopped } = await this.queue.auditJobs(auditId);
    if (stopped?.kind === 'failed') await this.fail(auditId, stopped.error);
    else await this.cancel(auditId);
  }

  private async end(
    auditId: string,
    change: AuditChange & { readonly status: 'succeeded' | 'failed' | 'cancelled' },
    events: readonly NewEvent[] = [],
  ): Promise<void> {
    const audit = await this.audits.find(auditId);
    if (audit === undefined) return;
    const { status, verdict, error } = change;
    await this.audits.record(audit, {
      change: { progress: { ...audit.progress, etaSeconds: null }, ...change },
      events: [...events, statusEvent(status, new Date().toISOString(), verdict ?? null)],
    });
    this.audits.drop(auditId);
    this.logger.info({ auditId, status, code: error?.code, verdict }, 'audit ended');
  }

  /** Clears what Redis still holds of an ended audit; its keys run out in time anyway. */
  private async forget(auditId: string): Promise<void> {
    await this.queue.forgetAudit(auditId).catch(() => {});
  }
}
