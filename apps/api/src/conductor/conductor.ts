import { setTimeout as pause } from 'node:timers/promises';
import { type AuditProgress, type Finding, finding } from '@engram/contract';
import type { ArtifactStore, Json, TaskKey, TaskOutput } from '@engram/domain';
import type { AuditQueue, QueueEventMap } from '@engram/queue';
import type { Logger } from '@engram/service';
import type { AuditNotice, AuditRecord, RecordStore } from '@engram/storage';
import { AuditEndings } from './audit-endings.js';
import { findingEvent, newFindings, progressEvent, statusEvent } from './audit-events.js';
import { type AuditTracker, isNews } from './audit-tracker.js';
import { OpenAudits } from './open-audits.js';
import { anyDevice, type Paces } from './paces.js';
import { SerialSteps } from './serial-steps.js';
import { settledTasks } from './tasks-to-run.js';

export interface ConductorOptions {
  readonly records: Pick<RecordStore, 'audits' | 'durations'>;
  readonly store: ArtifactStore;
  readonly queue: AuditQueue;
  readonly paces: Paces;
  readonly logger: Logger;
  /** Called when a record was changed here, before whoever asked for it is answered. */
  readonly onChange?: (notice: AuditNotice) => void;
  /** How often what may have been missed is looked for. */
  readonly reconcileEveryMs?: number;
  /** An audit not heard of for this long is looked after. */
  readonly quietMs?: number;
}

/** Progress inside a task is recorded this often at most. */
const progressEveryMs = 1000;

/**
 * Turns what the queue tells into records, and keeps the two together: the record is the truth, so an audit whose jobs
 * are gone is enqueued again, and one that has ended is recorded so even when nobody heard it end. Several processes may
 * each have one; of two that would end an audit the records let one win.
 */
export class Conductor {
  private readonly options: ConductorOptions;
  private readonly audits: OpenAudits;
  private readonly endings: AuditEndings;
  private readonly steps: SerialSteps;
  private readonly unsubscribe: (() => void)[] = [];
  private readonly closing = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(options: ConductorOptions) {
    const { records, store, queue, logger, onChange } = options;
    this.options = options;
    this.audits = new OpenAudits(records, store, onChange ?? (() => {}));
    this.endings = new AuditEndings(this.audits, store, queue, logger);
    this.steps = new SerialSteps((auditId, err) => {
      logger.warn({ auditId, err }, 'could not record what was heard of an audit');
    });
  }

  open(): void {
    const { events } = this.options.queue;
    this.unsubscribe.push(
      events.on('taskStarted', (event) => this.hear(event.auditId, () => this.onStarted(event))),
      events.on('taskProgress', (event) => this.onProgress(event)),
      events.on('taskCompleted', (event) => this.hear(event.auditId, () => this.onCompleted(event))),
      events.on('auditCompleted', ({ auditId, output }) =>
        this.hear(auditId, () => this.endings.succeed(auditId, output)),
      ),
      events.on('auditFailed', ({ auditId, error }) => this.hear(auditId, () => this.endings.fail(auditId, error))),
    );
    this.loop = this.reconcileForEver();
  }

  async close(): Promise<void> {
    this.closing.abort();
    for (const stop of this.unsubscribe) stop();
    await this.loop;
    await this.settled();
  }

  /** Hands a recorded audit to the queue, soon: while Redis is away it stays queued and is handed over later. */
  start(audit: AuditRecord): void {
    this.audits.remember(audit);
    this.hear(audit.id, () => this.enqueue(audit.id));
  }

  /**
   * Stops an audit: its running tasks within seconds, its record at once.
   *
   * @returns the record afterwards: it may have ended otherwise first. @throws ENG_QUEUE_UNAVAILABLE.
   */
  async cancel(audit: AuditRecord): Promise<AuditRecord> {
    const { id, project } = audit;
    this.audits.remember(audit);
    const cause = await this.options.queue.cancelAudit(id);
    if (cause.kind === 'failed') await this.endings.fail(id, cause.error);
    else await this.endings.cancel(id);
    return this.options.records.audits.get(project, id);
  }

  /** Looks after every unfinished audit once, as at start. */
  async reconcile(): Promise<void> {
    for (const audit of await this.audits.unfinished()) {
      if (this.closing.signal.aborted) return;
      await this.steps.add(audit.id, () => this.lookAfter(audit));
    }
  }

  /** Resolves when everything heard so far has been recorded. */
  settled(): Promise<void> {
    return this.steps.settled();
  }

  private async reconcileForEver(): Promise<void> {
    const { reconcileEveryMs = 5000, logger } = this.options;
    while (!this.closing.signal.aborted) {
      await this.reconcile().catch((err: unknown) => logger.warn({ err }, 'reconciling failed'));
      await pause(reconcileEveryMs, undefined, { signal: this.closing.signal, ref: false }).catch(() => {});
    }
  }

  private hear(auditId: string, work: () => Promise<void>): void {
    void this.steps.add(auditId, work);
  }

  private async enqueue(auditId: string): Promise<void> {
    const { queue, logger } = this.options;
    const audit = await this.audits.find(auditId);
    if (audit === undefined) return;
    const { project, plan: planDigest } = audit;
    const tracker = await this.audits.tracker(audit);
    const { plan } = tracker;
    const { outcome, skipped } = await queue.enqueueAudit({ auditId, project, planDigest: planDigest ?? '', plan });
    tracker.settled(skipped.filter((task) => task !== plan.root));
    logger.info({ auditId, outcome, taskCount: plan.tasks.length, reused: skipped.length }, 'audit enqueued');
    if (outcome === 'stopped') await this.endings.stop(auditId);
  }

  private async onStarted({ auditId, task }: QueueEventMap['taskStarted']): Promise<void> {
    const audit = await this.audits.find(auditId);
    if (audit === undefined) return;
    (await this.audits.tracker(audit)).started(task);
    await this.recordProgress(audit, true);
  }

  /** Of an audit not followed yet nothing is recorded: its next event, or the reconciler, begins to follow it. */
  private onProgress({ auditId, task, fraction }: QueueEventMap['taskProgress']): void {
    void this.audits.knownTracker(auditId)?.then(
      (tracker) => {
        tracker.advanced(task, fraction);
        if (Date.now() - tracker.recordedAt < progressEveryMs) return;
        tracker.recordedAt = Date.now();
        this.hear(auditId, async () => {
          const audit = await this.audits.find(auditId);
          if (audit !== undefined) await this.recordProgress(audit, true);
        });
      },
      () => {},
    );
  }

  private async onCompleted({ auditId, task, output, reused }: QueueEventMap['taskCompleted']): Promise<void> {
    const audit = await this.audits.find(auditId);
    if (audit === undefined) return;
    const tracker = await this.audits.tracker(audit);
    tracker.completed(task, reused ? undefined : output.durationMs / 1000);
    if (!reused) await this.recordDuration(audit, tracker, task, output);
    // The root's own event follows at once and tells everything.
    if (task !== tracker.plan.root) await this.recordProgress(audit, !reused, findingsOf(output));
  }

  private async recordDuration(
    { project }: AuditRecord,
    tracker: AuditTracker,
    task: TaskKey,
    { durationMs, facts }: TaskOutput,
  ): Promise<void> {
    const spec = tracker.spec(task);
    if (spec === undefined) return;
    const { kind, units } = spec;
    const device = typeof facts.device === 'string' ? facts.device : anyDevice;
    await this.options.records.durations.add(project, { task, kind, device, units, durationMs });
  }

  private async recordProgress(audit: AuditRecord, running: boolean, found: readonly Finding[] = []): Promise<void> {
    const progress = (await this.audits.tracker(audit)).progress(await this.options.paces.outlook(audit.project));
    const begins = running && audit.status === 'queued';
    const further = isNews(audit.progress as AuditProgress, progress);
    const news = newFindings(audit, found);
    if (!begins && !further && news.length === 0) return;
    await this.audits.record(audit, {
      ...(begins ? { from: ['queued'] } : {}),
      change: {
        ...(begins ? { status: 'running' } : {}),
        ...(further ? { progress } : {}),
        ...(news.length > 0 ? { findings: [...audit.findings, ...(news as unknown as Json[])] } : {}),
      },
      events: [
        ...(begins ? [statusEvent('running', new Date().toISOString())] : []),
        ...(further ? [progressEvent(progress)] : []),
        ...news.map(findingEvent),
      ],
    });
  }

  /** Looks for what was missed of an audit nobody has heard of for a while. */
  private async lookAfter({ id: auditId, project }: AuditRecord): Promise<void> {
    const { store, queue, quietMs = 10_000, logger } = this.options;
    const known = this.audits.knownTracker(auditId);
    if (known !== undefined && Date.now() - (await known).heardAt < quietMs) return;
    const audit = await this.audits.find(auditId);
    if (audit === undefined) return;
    const tracker = await this.audits.tracker(audit);
    tracker.heardAt = Date.now();
    const output = await store.resolve(project, tracker.plan.root);
    if (output !== undefined) return this.endings.succeed(auditId, output);
    const jobs = await queue.auditJobs(auditId);
    if (jobs.stopped !== undefined) return this.endings.stop(auditId);
    const failed = jobs.tasks.find(({ state }) => state === 'failed');
    if (failed?.error !== undefined) return this.endings.fail(auditId, failed.error);
    if (!jobs.known || jobs.root === 'absent') logger.warn({ auditId, known: jobs.known }, 'audit has no jobs');
    await this.enqueue(auditId);
    tracker.settled(await settledTasks(store, project, tracker.plan));
    const now = await this.audits.find(auditId);
    if (now !== undefined) await this.recordProgress(now, false);
  }
}

/** Findings a task tells of in its facts, ahead of the report. */
function findingsOf(output: TaskOutput): Finding[] {
  const parsed = finding.array().safeParse(output.facts.findings ?? []);
  return parsed.success ? parsed.data : [];
}
