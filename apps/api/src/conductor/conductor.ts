import { setTimeout as pause } from 'node:timers/promises';
import { readReport } from '@engram/audits';
import { type Finding, finding, type StatusEvent } from '@engram/contract';
import {
  type ArtifactStore,
  type AuditStatus,
  asEngramError,
  type Json,
  type Plan,
  type SerializedError,
  serializeError,
  type TaskOutput,
  type TaskSpec,
} from '@engram/domain';
import { decodeBundle } from '@engram/numeric';
import type { AuditQueue, QueueEventMap } from '@engram/queue';
import type { Logger } from '@engram/service';
import type { AuditChanges } from '../audits/audit-changes.js';
import type { AuditChange, AuditRecord, NewEvent, Records } from '../records.js';
import { AuditTracker, isNews } from './audit-tracker.js';
import { anyDevice, type Paces } from './paces.js';
import { settledTasks } from './tasks-to-run.js';

export interface ConductorOptions {
  readonly records: Records;
  readonly store: ArtifactStore;
  readonly queue: AuditQueue;
  readonly changes: AuditChanges;
  readonly paces: Paces;
  readonly logger: Logger;
  /** How often what may have been missed is looked for. */
  readonly reconcileEveryMs?: number;
  /** An audit not heard of for this long is looked after. */
  readonly quietMs?: number;
}

/** Progress inside a task is recorded this often at most. */
const progressEveryMs = 1000;

/**
 * Turns what the queue tells into records, and keeps the two together: the record is the truth, so an audit whose jobs
 * are gone is enqueued again, and one that has ended is recorded so even when nobody heard it end.
 */
export class Conductor {
  private readonly options: ConductorOptions;
  private readonly trackers = new Map<string, Promise<AuditTracker | undefined>>();
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
      events.on('taskStarted', (event) => void this.step(event.auditId, () => this.onStarted(event))),
      events.on('taskProgress', (event) => this.onProgress(event)),
      events.on('taskCompleted', (event) => void this.step(event.auditId, () => this.onCompleted(event))),
      events.on(
        'auditCompleted',
        ({ auditId, output }) => void this.step(auditId, () => this.succeed(auditId, output)),
      ),
      events.on('auditFailed', ({ auditId, error }) => void this.step(auditId, () => this.fail(auditId, error))),
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
    void this.step(audit.id, () => this.enqueue(audit));
  }

  /**
   * Stops an audit: its running tasks within seconds, its record at once.
   *
   * @returns the record afterwards; it may have failed first. @throws ENG_QUEUE_UNAVAILABLE.
   */
  async cancel(auditId: string): Promise<AuditRecord | undefined> {
    const cause = await this.options.queue.cancelAudit(auditId);
    const ended = cause.kind === 'failed' ? this.end(auditId, 'failed', cause.error) : this.end(auditId, 'cancelled');
    return (await ended)?.audit;
  }

  /** Looks after every unfinished audit once, as at start. */
  async reconcile(): Promise<void> {
    for (const audit of await this.options.records.unfinishedAudits()) {
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

  private step(auditId: string, work: () => Promise<void>): Promise<void> {
    const before = this.steps.get(auditId) ?? Promise.resolve();
    const step = before.then(work).catch((err: unknown) => {
      this.options.logger.warn({ auditId, err }, 'could not record an event of an audit');
    });
    this.steps.set(auditId, step);
    void step.then(() => {
      if (this.steps.get(auditId) === step) this.steps.delete(auditId);
    });
    return step;
  }

  private tracker(auditId: string): Promise<AuditTracker | undefined> {
    const known = this.trackers.get(auditId);
    if (known !== undefined) return known;
    const loading = this.loadTracker(auditId);
    this.trackers.set(auditId, loading);
    loading.then(
      (tracker) => tracker === undefined && this.trackers.delete(auditId),
      () => this.trackers.delete(auditId),
    );
    return loading;
  }

  private async loadTracker(auditId: string): Promise<AuditTracker | undefined> {
    const { records, store } = this.options;
    const audit = await records.findAuditOfAnyProject(auditId);
    if (audit === undefined || audit.finishedAt !== null) return undefined;
    const plan = await this.readPlan(audit);
    return new AuditTracker(plan, await settledTasks(store, audit.project, plan));
  }

  private async readPlan(audit: AuditRecord): Promise<Plan> {
    const bytes = await this.options.store.read(audit.project, audit.planDigest);
    return JSON.parse(new TextDecoder().decode(bytes)) as Plan;
  }

  private async enqueue(audit: AuditRecord): Promise<void> {
    const { queue, logger } = this.options;
    const tracker = await this.tracker(audit.id);
    if (tracker === undefined) return;
    const { id: auditId, project, planDigest } = audit;
    const { outcome, skipped } = await queue.enqueueAudit({ auditId, project, planDigest, plan: tracker.plan });
    tracker.heardAt = Date.now();
    tracker.settled(skipped.filter((task) => task !== tracker.plan.root));
    logger.info({ auditId, outcome, tasks: tracker.plan.tasks.length, reused: skipped.length }, 'audit enqueued');
    if (outcome === 'stopped') await this.recordStop(auditId);
  }

  private async onStarted({ auditId, task }: QueueEventMap['taskStarted']): Promise<void> {
    const tracker = await this.tracker(auditId);
    tracker?.started(task);
    await this.recordProgress(auditId, true);
  }

  private onProgress({ auditId, task, fraction }: QueueEventMap['taskProgress']): void {
    void this.tracker(auditId).then(
      (tracker) => tracker?.advanced(task, fraction),
      () => {},
    );
    const last = this.advancedAt.get(auditId) ?? 0;
    if (Date.now() - last < progressEveryMs) return;
    this.advancedAt.set(auditId, Date.now());
    void this.step(auditId, async () => void (await this.recordProgress(auditId, true)));
  }

  private async onCompleted({ auditId, task, output, reused }: QueueEventMap['taskCompleted']): Promise<void> {
    const tracker = await this.tracker(auditId);
    if (tracker === undefined) return;
    tracker.completed(task, reused);
    // The root's own event follows at once and tells everything.
    if (task === tracker.plan.root) return;
    const changed = await this.recordProgress(auditId, !reused, findingsOf(output));
    const spec = tracker.spec(task);
    if (changed && !reused && spec !== undefined) await this.recordTiming(spec, output);
  }

  private async recordTiming({ kind, units }: TaskSpec, output: TaskOutput): Promise<void> {
    if (!(units > 0)) return;
    const { device } = output.facts;
    const { durationMs } = output;
    await this.options.records.addTiming({
      kind,
      units,
      durationMs,
      device: typeof device === 'string' ? device : anyDevice,
    });
  }

  private async recordProgress(auditId: string, running: boolean, found: readonly Finding[] = []): Promise<boolean> {
    const tracker = await this.tracker(auditId);
    if (tracker === undefined) return false;
    const progress = tracker.progress(await this.options.paces.outlook());
    return this.change(auditId, (current) => {
      const begins = running && current.status === 'queued';
      const news = newFindings(current, found);
      const further = isNews(current.progress, progress);
      if (!begins && !further && news.length === 0) return undefined;
      const startedAt = begins ? new Date().toISOString() : current.startedAt;
      const status = begins ? 'running' : current.status;
      return {
        state: { status, startedAt, ...(further ? { progress } : {}), findings: [...current.findings, ...news] },
        events: [
          ...(begins ? [statusEvent('running', startedAt as string)] : []),
          ...(further ? [{ name: 'progress' as const, data: progress as unknown as Json }] : []),
          ...news.map(findingEvent),
        ],
      };
    });
  }

  /** Looks for what was missed of an audit nobody has heard of for a while. */
  private async lookAfter(audit: AuditRecord): Promise<void> {
    const { store, queue, quietMs = 10_000, logger } = this.options;
    const { id: auditId, project, root } = audit;
    const output = await store.resolve(project, root);
    if (output !== undefined) return this.succeed(auditId, output);
    const tracked = this.trackers.has(auditId) ? await this.tracker(auditId) : undefined;
    if (tracked !== undefined && Date.now() - tracked.heardAt < quietMs) return;
    const tracker = await this.tracker(auditId);
    if (tracker === undefined) return;
    const jobs = await queue.auditJobs(auditId);
    tracker.heardAt = Date.now();
    if (jobs.stopped !== undefined) return this.recordStop(auditId);
    const failed = jobs.tasks.find((task) => task.state === 'failed');
    if (failed !== undefined)
      return this.fail(auditId, failed.error ?? { code: 'ENG_INTERNAL', message: 'a task failed' });
    if (!jobs.known || jobs.root === 'absent') logger.warn({ auditId, known: jobs.known }, 'audit lost its jobs');
    await this.enqueue(audit);
    tracker.settled(await settledTasks(store, project, tracker.plan));
    await this.recordProgress(auditId, false);
  }

  private async recordStop(auditId: string): Promise<void> {
    const { stopped } = await this.options.queue.auditJobs(auditId);
    if (stopped?.kind === 'failed') await this.fail(auditId, stopped.error);
    else await this.end(auditId, 'cancelled');
  }

  private async succeed(auditId: string, output: TaskOutput): Promise<void> {
    const audit = await this.options.records.findAuditOfAnyProject(auditId);
    if (audit === undefined || audit.finishedAt !== null) return;
    const tracker = await this.tracker(auditId);
    const root = tracker?.spec(audit.root);
    try {
      const bytes = await this.options.store.read(audit.project, output.digest);
      const { verdict, findings } = readReport(decodeBundle(bytes, 'the report'));
      const changed = await this.change(auditId, (current) => ({
        state: {
          ...ending('succeeded', current),
          progress: { ...current.progress, done: current.progress.total, etaSeconds: 0 },
          findings,
          verdict,
          reportDigest: output.digest,
        },
        events: [
          ...newFindings(current, findings).map(findingEvent),
          {
            name: 'progress',
            data: { ...current.progress, done: current.progress.total, etaSeconds: 0 } as unknown as Json,
          },
          statusEvent('succeeded', new Date().toISOString(), verdict),
        ],
      }));
      if (changed && root !== undefined) await this.recordTiming(root, output);
    } catch (thrown) {
      const error = asEngramError(thrown);
      // A store that is away for a moment is not the end of an audit: it is looked after again.
      if (error.family === 'upstream') throw error;
      await this.fail(auditId, serializeError(error));
      return;
    }
    await this.forget(auditId);
  }

  private async fail(auditId: string, error: SerializedError): Promise<void> {
    if (error.code === 'ENG_AUDIT_CANCELLED') {
      await this.end(auditId, 'cancelled');
      return;
    }
    await this.end(auditId, 'failed', error);
    await this.forget(auditId);
  }

  private async end(
    auditId: string,
    status: 'failed' | 'cancelled',
    error?: SerializedError,
  ): Promise<{ readonly audit: AuditRecord; readonly changed: boolean } | undefined> {
    const { stack: _, ...told } = error ?? { code: 'ENG_INTERNAL' as const, message: '' };
    const ended = await this.options.records.changeAudit(auditId, (current) => ({
      state: {
        ...ending(status, current),
        progress: { ...current.progress, etaSeconds: null },
        error: error === undefined ? null : told,
      },
      events: [statusEvent(status, new Date().toISOString())],
    }));
    this.drop(auditId);
    this.options.changes.notify(auditId);
    if (ended?.changed) this.options.logger.info({ auditId, status, code: error?.code }, 'audit ended');
    return ended;
  }

  private async change(auditId: string, change: (current: AuditRecord) => AuditChange | undefined): Promise<boolean> {
    const outcome = await this.options.records.changeAudit(auditId, change);
    this.options.changes.notify(auditId);
    return outcome?.changed ?? false;
  }

  /** Clears what Redis still holds of an ended audit; its keys run out in time anyway. */
  private async forget(auditId: string): Promise<void> {
    this.drop(auditId);
    await this.options.queue.forgetAudit(auditId).catch(() => {});
  }

  private drop(auditId: string): void {
    this.trackers.delete(auditId);
    this.advancedAt.delete(auditId);
  }
}

function ending(status: AuditStatus, current: AuditRecord) {
  const now = new Date().toISOString();
  return { status, finishedAt: now, startedAt: current.startedAt ?? (status === 'succeeded' ? now : null) };
}

export function statusEvent(status: AuditStatus, at: string, verdict: StatusEvent['verdict'] = null): NewEvent {
  return { name: 'status', data: { status, at, verdict } satisfies StatusEvent };
}

function findingEvent(found: Finding): NewEvent {
  return { name: 'finding', data: found as unknown as Json };
}

function newFindings(current: AuditRecord, found: readonly Finding[]): Finding[] {
  const told = new Set(current.findings.map(({ id }) => id));
  return found.filter(({ id }) => !told.has(id));
}

/** Findings a task tells of in its facts, ahead of the report. */
function findingsOf(output: TaskOutput): Finding[] {
  const parsed = finding.array().safeParse(output.facts.findings ?? []);
  return parsed.success ? parsed.data : [];
}
