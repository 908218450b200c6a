import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { ArtifactStore } from '@engram/domain';
import { type Job, Queue, Worker } from 'bullmq';
import { readManifest, removeJobs } from './audit-jobs.js';
import { type JobHandlers, type JobName, jobNames, splitJobId } from './catalog.js';
import { asked, connect, disconnect } from './connection.js';
import { beat, beatEveryMs, type CurrentTask, signOff, type WorkerStatus } from './heartbeat.js';
import { queueKeys } from './keys.js';
import { RetryLater } from './outcomes.js';
import { decodeFailure } from './retry.js';
import { recordStop, stoppedAmong, stoppedError } from './stops.js';
import { TaskRunner } from './task-runner.js';
import { waitersOf } from './waiters.js';
import { type WorkerListener, type WorkerTimings, workerTimings } from './worker-timings.js';

export interface WorkerOptions {
  readonly redisUrl: string;
  readonly prefix?: string;
  /** Where outputs are named: what is linked there is done. */
  readonly artifacts: Pick<ArtifactStore, 'link' | 'resolve'>;
  readonly handlers: JobHandlers;
  /** Tasks at once, per queue; 0 = none of these. */
  readonly slots: Readonly<Record<JobName, number>>;
  /** What others are told of this worker. */
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly timings?: Partial<WorkerTimings>;
  readonly onEvent?: WorkerListener;
}

export interface TaskWorker {
  readonly id: string;
  readonly current: readonly CurrentTask[];
  /**
   * Takes no more tasks, gives those under way `graceMs` to finish, then stops them; they go back to the queue and do
   * not count as tried.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** A task of a dead worker is started again this often before it is taken to be what kills them. */
const deathsAllowed = 10;

/** @throws ENG_QUEUE_UNAVAILABLE the server cannot be reached. */
export async function openWorker(options: WorkerOptions): Promise<TaskWorker> {
  const { redisUrl, prefix = 'engram', handlers, slots, onEvent = () => {} } = options;
  const timings = { ...workerTimings, ...options.timings };
  const keys = queueKeys(prefix);
  const id = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const redis = connect(redisUrl, 'working');
  const announcements = connect(redisUrl, 'working');
  try {
    await asked('opening the worker', () => redis.ping());
  } catch (error) {
    await Promise.all([disconnect(redis), disconnect(announcements)]);
    throw error;
  }

  const queues = Object.fromEntries(
    jobNames.map((name) => [name, new Queue(name, { connection: redis, prefix })]),
  ) as Record<JobName, Queue>;
  const runner = new TaskRunner({
    workerId: id,
    redis,
    keys,
    artifacts: options.artifacts,
    waiters: waitersOf(redis, keys, queues),
    timings,
    onEvent,
  });
  const onError = (error: unknown): void => onEvent('queue error', { error });
  for (const queue of Object.values(queues)) queue.on('error', onError);

  const failAudit = async (job: Job, reason: string): Promise<void> => {
    const error = decodeFailure(reason);
    if (error.code === 'ENG_AUDIT_CANCELLED') return;
    const { auditId, task } = splitJobId(job.id!);
    await recordStop(redis, keys, auditId, { kind: 'failed', task, error });
    const manifest = await readManifest(redis, keys, auditId);
    if (manifest !== undefined) await removeJobs(queues, auditId, manifest);
  };

  const workers = jobNames
    .filter((name) => slots[name] > 0)
    .map((name) => {
      const worker = new Worker(name, (job, token) => runner.work(name, handlers[name], job, token!), {
        connection: redis,
        prefix,
        name: id,
        concurrency: slots[name],
        lockDuration: timings.lockMs,
        stalledInterval: timings.stalledCheckMs,
        maxStalledCount: deathsAllowed,
        drainDelay: 5,
        runRetryDelay: 1000,
        settings: { backoffStrategy: (_attempt, _type, error) => (error instanceof RetryLater ? error.delayMs : 0) },
      });
      worker.on('error', onError);
      worker.on('stalled', (jobId) => onEvent('task of a dead worker found', splitJobId(jobId)));
      worker.on('failed', (job, error) => {
        if (job !== undefined && !(error instanceof RetryLater && job.finishedOn === undefined))
          failAudit(job, error.message).catch(onError);
      });
      return worker;
    });

  const stopTasksOf = (auditIds: readonly string[]): void => {
    for (const auditId of auditIds) runner.abortAudit(auditId, stoppedError(auditId));
  };
  announcements.on('message', (_channel, auditId) => stopTasksOf([auditId]));
  await announcements.subscribe(keys.stops);
  const stopCheck = setInterval(() => {
    stoppedAmong(redis, keys, runner.auditsUnderWay()).then(stopTasksOf, onError);
  }, timings.stopCheckMs);

  const startedAt = new Date().toISOString();
  const status = (): WorkerStatus => ({
    id,
    host: hostname(),
    pid: process.pid,
    device: options.device,
    versions: options.versions,
    slots,
    startedAt,
    current: runner.current,
  });
  await beat(redis, keys, status());
  const heartbeat = setInterval(() => beat(redis, keys, status()).catch(onError), beatEveryMs);
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  onEvent('worker ready', { worker: id, slots, device: options.device });

  let closing: Promise<void> | undefined;
  const close = async (graceMs: number): Promise<void> => {
    clearInterval(heartbeat);
    const grace = setTimeout(() => runner.abortAll(), graceMs);
    await Promise.allSettled(workers.map((worker) => worker.close()));
    clearTimeout(grace);
    clearInterval(stopCheck);
    if (redis.status === 'ready') await signOff(redis, keys, id).catch(onError);
    await Promise.allSettled(Object.values(queues).map((queue) => queue.close()));
    await Promise.all([disconnect(redis), disconnect(announcements)]);
    onEvent('worker closed', { worker: id });
  };
  return {
    id,
    get current() {
      return runner.current;
    },
    close: ({ graceMs = 0 } = {}) => {
      closing ??= close(graceMs);
      return closing;
    },
  };
}
