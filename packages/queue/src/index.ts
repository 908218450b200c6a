export type { AuditJobs, TaskJob, TaskState } from './audit-jobs.js';
export {
  type JobHandler,
  type JobHandlers,
  type JobName,
  jobCatalog,
  jobNames,
  type TaskContext,
  type TaskPayload,
} from './catalog.js';
export type { QueueEventMap, QueueEventName, QueueEventSource } from './events.js';
export type { CurrentTask, WorkerStatus } from './heartbeat.js';
export * from './queue.js';
export { type RetryPolicy, retryPolicies } from './retry.js';
export type { StopCause } from './stops.js';
export * from './worker.js';
export { type WorkerListener, type WorkerTimings, workerTimings } from './worker-timings.js';
