import type { SerializedError, TaskOutput } from '@engram/domain';
import type { Job, Queue } from 'bullmq';
import { type JobName, jobId, type TaskResult } from './catalog.js';
import type { Redis } from './connection.js';
import type { JobNote } from './events.js';
import type { QueueKeys } from './keys.js';
import { decodeFailure } from './retry.js';
import { readStop, type StopCause } from './stops.js';

export type TaskState =
  /** Its inputs are being made. */
  | 'waitingForInputs'
  /** A worker can take it. */
  | 'waiting'
  /** Put off: before another try, or until an input or another audit's work on the same task is done. */
  | 'delayed'
  | 'active'
  | 'completed'
  | 'failed'
  /** Not in Redis: removed, or the server was wiped. */
  | 'absent';

export interface TaskJob {
  readonly task: string;
  readonly job: JobName;
  readonly state: TaskState;
  /** Fraction of the task done, while active. */
  readonly fraction?: number;
  readonly output?: TaskOutput;
  readonly error?: SerializedError;
}

/** What Redis knows of an audit. */
export interface AuditJobs {
  /** False when nothing was ever enqueued, or the server was wiped since. */
  readonly known: boolean;
  readonly tasks: readonly TaskJob[];
  readonly counts: Readonly<Record<TaskState, number>>;
  /** State of the task that ends the audit. */
  readonly root: TaskState;
  readonly stopped?: StopCause;
}

/** Which jobs an audit has, parents before children. */
export interface Manifest {
  readonly root: string;
  readonly jobs: readonly { readonly task: string; readonly job: JobName }[];
}

const rememberedSeconds = 90 * 24 * 3600;

export async function writeManifest(redis: Redis, keys: QueueKeys, auditId: string, manifest: Manifest): Promise<void> {
  await redis.set(keys.audit(auditId), JSON.stringify(manifest), 'EX', rememberedSeconds);
}

export async function readManifest(redis: Redis, keys: QueueKeys, auditId: string): Promise<Manifest | undefined> {
  const text = await redis.get(keys.audit(auditId));
  return text === null ? undefined : (JSON.parse(text) as Manifest);
}

export async function readAuditJobs(
  redis: Redis,
  keys: QueueKeys,
  queues: Readonly<Record<JobName, Queue>>,
  auditId: string,
): Promise<AuditJobs> {
  const [manifest, stopped] = await Promise.all([readManifest(redis, keys, auditId), readStop(redis, keys, auditId)]);
  const tasks: TaskJob[] = [];
  for (const chunk of chunksOf(manifest?.jobs ?? [], 100))
    tasks.push(...(await Promise.all(chunk.map(({ task, job }) => readTaskJob(queues[job], auditId, task, job)))));
  const counts: Record<TaskState, number> = {
    waitingForInputs: 0,
    waiting: 0,
    delayed: 0,
    active: 0,
    completed: 0,
    failed: 0,
    absent: 0,
  };
  for (const { state } of tasks) counts[state]++;
  return {
    known: manifest !== undefined,
    tasks,
    counts,
    root: tasks.find(({ task }) => task === manifest?.root)?.state ?? 'absent',
    ...(stopped === undefined ? {} : { stopped }),
  };
}

async function readTaskJob(queue: Queue, auditId: string, task: string, name: JobName): Promise<TaskJob> {
  const id = jobId(auditId, task);
  const [job, state] = await Promise.all([queue.getJob(id) as Promise<Job | undefined>, queue.getJobState(id)]);
  const described = { task, job: name };
  if (job === undefined) return { ...described, state: 'absent' };
  switch (state) {
    case 'completed': {
      // Read before it completed: the value is not in our copy yet, but the state has moved on.
      const result = job.returnvalue as TaskResult | null;
      return result === null
        ? { ...described, state: 'active' }
        : { ...described, state: 'completed', output: result.output };
    }
    case 'failed':
      return { ...described, state: 'failed', error: decodeFailure(job.failedReason) };
    case 'active': {
      const note = job.progress as unknown as JobNote | number;
      return typeof note === 'object' && note.stage === 'running'
        ? { ...described, state: 'active', fraction: note.fraction }
        : { ...described, state: 'active' };
    }
    case 'delayed':
      return { ...described, state: 'delayed' };
    case 'waiting-children':
      return { ...described, state: 'waitingForInputs' };
    case 'waiting':
    case 'prioritized':
      return { ...described, state: 'waiting' };
    default:
      return { ...described, state: 'absent' };
  }
}

/** Removes jobs, parents first, so that removing a child does not set its parent off. Running jobs are left alone. */
export async function removeJobs(
  queues: Readonly<Record<JobName, Queue>>,
  auditId: string,
  manifest: Manifest,
): Promise<number> {
  let removed = 0;
  for (const { task, job } of manifest.jobs)
    removed += await queues[job].remove(jobId(auditId, task), { removeChildren: false }).catch(() => 0);
  return removed;
}

function* chunksOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
