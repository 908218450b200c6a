import { setTimeout as pause } from 'node:timers/promises';
import { readReport } from '@engram/audits';
import { type AuditProgress, type Finding, finding } from '@engram/contract';
import {
  type ArtifactStore,
  asEngramError,
  isTerminal,
  type Json,
  type Plan,
  type SerializedError,
  serializeError,
  type TaskKey,
  type TaskOutput,
} from '@engram/domain';
import { decodeBundle } from '@engram/numeric';
import type { AuditQueue, QueueEventMap } from '@engram/queue';
import type { Logger } from '@engram/service';
import type { AuditChange, AuditNotice, AuditRecord, NewEvent, RecordStore } from '@engram/storage';
import { findingEvent, newFindings, progressEvent, statusEvent } from './audit-events.js';
import { AuditTracker, isNews } from './audit-tracker.js';
import { anyDevice, type Paces } from './paces.js';
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

type Unfinished = 'queued' | 'running';

interface Decision {
  /** Statuses it holds for; both when absent. */
  readonly from?: readonly Unfinished[];
  readonly change: AuditChange;
  readonly events: readonly NewEvent[];
}

/**
 * Turns what the queue tells into records, and keeps the two together: the record is the truth, so an audit whose jobs
 * are gone is enqueued again, and one that has ended is recorded so even when nobody heard it end. Several processes may
 * each have one; of two that would end an audit the records let one win.
 */
export class Conductor {
  private readonly options: ConductorOptions;
  /** Of unfinished audits: the queue tells of audits by id alone. */
  private readonly projects = new Map<string, string>();
  private readonly trackers = new Map<string, Promise<AuditTracker>>();
  /** The last of each audit's steps: they follow one another. */
  private readonly steps = new Map<string, Promise<void>>();
  private readonly advancedAt = new Map<string, number>();
  private readonly unsubscribe: (() => void)[] = [];
  private readonly closing = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(options: ConductorOptions) {
    this.options = options;
  }

  open(): void {
    const { events } = this.options.queue;
    this.unsubscribe.push(
      events.on('taskStarted', (event) => this.hear(event.auditId, () => this.onStarted(event))),
      events.on('taskProgress', (event) => this.onProgress(event)),
      events.on('taskCompleted', (event) => this.hear(event.auditId, () => this.onCompleted(event))),
      events.on('auditCompleted', ({ auditId, output }) => this.hear(auditId, () => this.succeed(auditId, output))),
      events.on('auditFailed', ({ auditId, error }) => this.hear(auditId, () => this.fail(auditId, error))),
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
    this.projects.set(audit.id, audit.project);
    this.hear(audit.id, () => this.enqueue(audit.id));
  }

  /**
   * Stops an audit: its running tasks within seconds, its record at once.
   *
   * @returns the record afterwards: it may have ended otherwise first. @throws ENG_QUEUE_UNAVAILABLE.
   */
  async cancel({ id, project }: AuditRecord): Promise<AuditRecord> {
    this.projects.set(id, project);
    const cause = await this.options.queue.cancelAudit(id);
    if (cause.kind === 'failed') await this.fail(id, cause.error);
    else await this.end(id, { status: 'cancelled' });
    return this.options.records.audits.get(project, id);
  }

  /** Looks after every unfinished audit once, as at start. */
  async reconcile(): Promise<void> {
    for (const audit of await this.unfinished()) {
      if (this.closing.signal.aborted) return;
      await this.step(audit.id, () => this.lookAfter(audit));
    }
  }

  /** Resolves when everything heard so far has been recorded. */
  async settled(): Promise<void> {
    while (this.steps.size > 0) await Promise.all(this.steps.values());
  }

  private async reconcileForEver(): Promise<void> {
    const { reconcileEveryMs = 5000, logger } = this.options;
    while (!this.closing.signal.aborted) {
      await this.reconcile().catch((err: unknown) => logger.warn({ err }, 'reconciling failed'));
      await pause(reconcileEveryMs, undefined, { signal: this.closing.signal, ref: false }).catch(() => {});
    }
  }

  private hear(auditId: string, work: () => Promise<void>): void {
    void this.step(auditId, work);
  }

  private step(auditId: string, work: () => Promise<void>): Promise<void> {
    const before = this.steps.get(auditId) ?? Promise.resolve();
    const step = before.then(work).catch((err: unknown) => {
      this.options.logger.warn({ auditId, err }, 'could not record what was heard of an audit');
    });
    this.steps.set(auditId, step);
    void step.then(() => {
      if (this.steps.get(auditId) === step) this.steps.delete(auditId);
    });
    return step;
  }

  private async unfinished(): Promise<readonly AuditRecord[]> {
    const audits = await this.options.records.audits.unfinished();
    for (const { id, project } of audits) this.projects.set(id, project);
    return audits;
  }

  /** The record of an unfinished audit; undefined when it has ended or was never recorded. */
  private async find(auditId: string): Promise<AuditRecord | undefined> {
    // Another process may have accepted it.
    if (!this.projects.has(auditId)) await this.unfinished();
    const project = this.projects.get(auditId);
    if (project === undefined) return undefined;
    const audit = await this.options.records.audits.get(project, auditId);
    if (!isTerminal(audit.status)) return audit;
    this.drop(auditId);
    return undefined;
  }

  private async tracker(audit: AuditRecord): Promise<AuditTracker> {
    const known = this.trackers.get(audit.id);
    if (known !== undefined) return known;
    const loading = this.loadTracker(audit);
    this.trackers.set(audit.id, loading);
    loading.catch(() => this.trackers.delete(audit.id));
    return loading;
  }

  private async loadTracker({ project, plan: digest }: AuditRecord): Promise<AuditTracker> {
    const { store } = this.options;
    const bytes = await store.read(project, digest ?? '');
    const plan = JSON.parse(new TextDecoder().decode(bytes)) as Plan;
    return new AuditTracker(plan, await settledTasks(store, project, plan));
  }

  private async enqueue(auditId: string): Promise<void> {
    const { queue, logger } = this.options;
    const audit = await this.find(auditId);
    if (audit === undefined) return;
    const { project, plan: planDigest } = audit;
    const tracker = await this.tracker(audit);
    const { plan } = tracker;
    const { outcome, skipped } = await queue.enqueueAudit({ auditId, project, planDigest: planDigest ?? '', plan });
    tracker.settled(skipped.filter((task) => task !== plan.root));
    logger.info({ auditId, outcome, taskCount: plan.tasks.length, reused: skipped.length }, 'audit enqueued');
    if (outcome === 'stopped') await this.recordStop(auditId);
  }

  private async onStarted({ auditId, task }: QueueEventMap['taskStarted']): Promise<void> {
    const audit = await this.find(auditId);
    if (audit === undefined) return;
    (await this.tracker(audit)).started(task);
    await this.recordProgress(audit, true);
  }

  private onProgress({ auditId, task, fraction }: QueueEventMap['taskProgress']): void {
    void this.trackers.get(auditId)?.then(
      (tracker) => tracker.advanced(task, fraction),
      () => {},
    );
    if (Date.now() - (this.advancedAt.get(auditId) ?? 0) < progressEveryMs) return;
    this.advancedAt.set(auditId, Date.now());
    this.hear(auditId, async () => {
      const audit = await this.find(auditId);
      if (audit !== undefined) await this.recordProgress(audit, true);
    });
  }

  private async onCompleted({ auditId, task, output, reused }: QueueEventMap['taskCompleted']): Promise<void> {
    const audit = await this.find(auditId);
    if (audit === undefined) return;
    const tracker = await this.tracker(audit);
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
    const progress = (await this.tracker(audit)).progress(await this.options.paces.outlook(audit.project));
    const begins = running && audit.status === 'queued';
    const further = isNews(audit.progress as AuditProgress, progress);
    const news = newFindings(audit, found);
    if (!begins && !further && news.length === 0) return;
    await this.record(audit, {
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
    const known = this.trackers.get(auditId);
    if (known !== undefined && Date.now() - (await known).heardAt < quietMs) return;
    const audit = await this.find(auditId);
    if (audit === undefined) return;
    const tracker = await this.tracker(audit);
    tracker.heardAt = Date.now();
    const output = await store.resolve(project, tracker.plan.root);
    if (output !== undefined) return this.succeed(auditId, output);
    const jobs = await queue.auditJobs(auditId);
    if (jobs.stopped !== undefined) return this.recordStop(auditId);
    const failed = jobs.tasks.find(({ state }) => state === 'failed');
    if (failed?.error !== undefined) return this.fail(auditId, failed.error);
    if (!jobs.known || jobs.root === 'absent') logger.warn({ auditId, known: jobs.known }, 'audit has no jobs');
    await this.enqueue(auditId);
    tracker.settled(await settledTasks(store, project, tracker.plan));
    const now = await this.find(auditId);
    if (now !== undefined) await this.recordProgress(now, false);
  }

  private async recordStop(auditId: string): Promise<void> {
    const { stopped } = await this.options.queue.auditJobs(auditId);
    if (stopped?.kind === 'failed') await this.fail(auditId, stopped.error);
    else await this.end(auditId, { status: 'cancelled' });
  }

  private async succeed(auditId: string, output: TaskOutput): Promise<void> {
    const audit = await this.find(auditId);
    if (audit === undefined) return;
    try {
      const bytes = await this.options.store.read(audit.project, output.digest);
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
      // A store that is away for a moment is not the end of an audit: it is looked after again.
      if (error.family === 'upstream') throw error;
      await this.fail(auditId, serializeError(error));
    }
    await this.forget(auditId);
  }

  private async fail(auditId: string, { stack: _, ...error }: SerializedError): Promise<void> {
    if (error.code === 'ENG_AUDIT_CANCELLED') return this.end(auditId, { status: 'cancelled' });
    await this.end(auditId, { status: 'failed', error });
    await this.forget(auditId);
  }

  private async end(
    auditId: string,
    change: AuditChange & { readonly status: 'succeeded' | 'failed' | 'cancelled' },
    events: readonly NewEvent[] = [],
  ): Promise<void> {
    const audit = await this.find(auditId);
    if (audit === undefined) return;
    const { status, verdict, error } = change;
    await this.record(audit, {
      change: { progress: { ...audit.progress, etaSeconds: null }, ...change },
      events: [...events, statusEvent(status, new Date().toISOString(), verdict ?? null)],
    });
    this.drop(auditId);
    this.options.logger.info({ auditId, status, code: error?.code, verdict }, 'audit ended');
  }

  private async record({ project, id }: AuditRecord, { from, change, events }: Decision): Promise<void> {
    await this.options.records.audits.change(project, id, from ?? ['queued', 'running'], change, events);
    this.options.onChange?.({ project, auditId: id });
  }

  /** Clears what Redis still holds of an ended audit; its keys run out in time anyway. */
  private async forget(auditId: string): Promise<void> {
    await this.options.queue.forgetAudit(auditId).catch(() => {});
  }

  private drop(auditId: string): void {
    this.projects.delete(auditId);
    this.trackers.delete(auditId);
    this.advancedAt.delete(auditId);
  }
}

/** Findings a task tells of in its facts, ahead of the report. */
function findingsOf(output: TaskOutput): Finding[] {
  const parsed = finding.array().safeParse(output.facts.findings ?? []);
  return parsed.success ? parsed.data : [];
}
