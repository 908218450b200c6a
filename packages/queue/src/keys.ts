/** Names in Redis of what is kept beside BullMQ's own keys (`<prefix>:compute:…`, `<prefix>:light:…`). */
export interface QueueKeys {
  /** Hash: which jobs an audit has. */
  audit(auditId: string): string;
  /** String: why the audit's jobs must not run any more. */
  stop(auditId: string): string;
  /** Channel: ids of audits just stopped. */
  readonly stops: string;
  /** String: who is running a task. */
  lock(project: string, task: string): string;
  /** Set: jobs delayed until a task's output is there. */
  waiters(project: string, task: string): string;
  /** Sorted set: ids of workers by when they were last heard of. */
  readonly workers: string;
  worker(id: string): string;
  /** String: who is enqueueing an audit. */
  enqueueing(auditId: string): string;
}

export function queueKeys(prefix: string): QueueKeys {
  return {
    audit: (auditId) => `${prefix}:audit:${auditId}`,
    stop: (auditId) => `${prefix}:stop:${auditId}`,
    stops: `${prefix}:stops`,
    lock: (project, task) => `${prefix}:lock:${project}:${task}`,
    waiters: (project, task) => `${prefix}:waiters:${project}:${task}`,
    workers: `${prefix}:workers`,
    worker: (id) => `${prefix}:worker:${id}`,
    enqueueing: (auditId) => `${prefix}:enqueueing:${auditId}`,
  };
}
