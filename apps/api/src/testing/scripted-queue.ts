import type { SerializedError, TaskOutput } from '@engram/domain';
import type { AuditJobs, AuditQueue, AuditToEnqueue, QueueEventMap, QueueEventName, StopCause } from '@engram/queue';

/** A queue whose workers are the test: it remembers what was enqueued and says what it is told to say. */
export class ScriptedQueue implements AuditQueue {
  readonly enqueued: AuditToEnqueue[] = [];
  readonly stops = new Map<string, StopCause>();
  readonly forgotten: string[] = [];
  workers: Awaited<ReturnType<AuditQueue['workersAlive']>> = [];
  /** Set to make every question fail with it. */
  trouble: Error | undefined;
  private readonly listeners = new Map<QueueEventName, Set<(event: never) => void>>();

  readonly events: AuditQueue['events'] = {
    on: (name, listener) => {
      const set = this.listeners.get(name) ?? new Set();
      this.listeners.set(name, set.add(listener));
      return () => void set.delete(listener);
    },
  };

  say<N extends QueueEventName>(name: N, event: QueueEventMap[N]): void {
    for (const listener of this.listeners.get(name) ?? []) (listener as (event: QueueEventMap[N]) => void)(event);
  }

  started(auditId: string, task: string): void {
    this.say('taskStarted', { auditId, task, worker: 'w', attempt: 1 });
  }
  completed(auditId: string, task: string, output: TaskOutput, reused = false): void {
    this.say('taskCompleted', { auditId, task, output, reused, worker: 'w' });
  }
  failed(auditId: string, task: string, error: SerializedError): void {
    this.stops.set(auditId, { kind: 'failed', task, error });
    this.say('auditFailed', { auditId, task, error });
  }

  async enqueueAudit(audit: AuditToEnqueue) {
    this.refuse();
    if (this.stops.has(audit.auditId)) return { outcome: 'stopped' as const, skipped: [] };
    const underWay = this.enqueued.some(({ auditId }) => auditId === audit.auditId);
    this.enqueued.push(audit);
    return { outcome: underWay ? ('underWay' as const) : ('enqueued' as const), skipped: [] };
  }
  async cancelAudit(auditId: string): Promise<StopCause> {
    this.refuse();
    const standing = this.stops.get(auditId) ?? { kind: 'cancelled' as const };
    this.stops.set(auditId, standing);
    return standing;
  }
  async auditJobs(auditId: string): Promise<AuditJobs> {
    this.refuse();
    const known = this.enqueued.some((each) => each.auditId === auditId);
    const stopped = this.stops.get(auditId);
    const none = { waitingForInputs: 0, waiting: 0, delayed: 0, active: 0, completed: 0, failed: 0, absent: 0 };
    return {
      known,
      tasks: [],
      counts: none,
      root: known ? 'waiting' : 'absent',
      ...(stopped === undefined ? {} : { stopped }),
    };
  }
  async forgetAudit(auditId: string) {
    this.forgotten.push(auditId);
  }
  async workersAlive() {
    this.refuse();
    return this.workers;
  }
  async depth(): ReturnType<AuditQueue['depth']> {
    const none = { waiting: 0, active: 0, delayed: 0, waitingForInputs: 0 };
    return { compute: none, light: none };
  }
  async health() {
    this.refuse();
    return { latencyMs: 0 };
  }
  async close() {}

  private refuse(): void {
    if (this.trouble !== undefined) throw this.trouble;
  }
}
