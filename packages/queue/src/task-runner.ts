import { type ArtifactStore, asEngramError, EngramError, type TaskOutput } from '@engram/domain';
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import {
  type JobHandler,
  type JobName,
  jobCatalog,
  type TaskPayload,
  type TaskResult,
  taskPayload,
} from './catalog.js';
import type { Redis } from './connection.js';
import type { JobNote } from './events.js';
import { type Held, holdExclusively } from './exclusive.js';
import type { CurrentTask } from './heartbeat.js';
import type { QueueKeys } from './keys.js';
import { GivenBack, RetryLater } from './outcomes.js';
import { decideRetry, decodeFailure, encodeFailure } from './retry.js';
import { readStop, stoppedError } from './stops.js';
import { throttled } from './throttle.js';
import type { Waiters } from './waiters.js';
import type { WorkerListener, WorkerTimings } from './worker-timings.js';

interface RunnerParts {
  readonly workerId: string;
  readonly redis: Redis;
  readonly keys: QueueKeys;
  readonly artifacts: Pick<ArtifactStore, 'link' | 'resolve'>;
  readonly waiters: Waiters;
  readonly timings: WorkerTimings;
  readonly onEvent: WorkerListener;
}

interface UnderWay extends CurrentTask {
  readonly abort: AbortController;
}

/** Takes a job from the queue to its end: done already, put off, run, given back, retried or failed. */
export class TaskRunner {
  readonly #parts: RunnerParts;
  readonly #underWay = new Set<UnderWay>();

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  get current(): CurrentTask[] {
    return [...this.#underWay].map(({ abort: _, ...task }) => task);
  }

  auditsUnderWay(): string[] {
    return [...new Set([...this.#underWay].map((task) => task.auditId))];
  }

  abortAudit(auditId: string, reason: EngramError): void {
    for (const task of this.#underWay) if (task.auditId === auditId) task.abort.abort(reason);
  }

  abortAll(): void {
    for (const task of this.#underWay) task.abort.abort(new GivenBack('the worker closes'));
  }

  async work(name: JobName, handler: JobHandler<JobName>, job: Job, token: string): Promise<TaskResult> {
    const attempt = job.attemptsMade + 1;
    try {
      return await this.#finish(name, handler, job, token, attempt);
    } catch (thrown) {
      if (thrown instanceof DelayedError) throw thrown;
      if (thrown instanceof GivenBack) {
        this.#parts.onEvent('task given back', { jobId: job.id, reason: thrown.message });
        return await putOff(job, token, 0);
      }
      const error = asEngramError(thrown);
      const decision = decideRetry(error, attempt);
      const { onEvent } = this.#parts;
      onEvent(decision.retry ? 'task retried' : 'task failed', { jobId: job.id, attempt, error, ...decision });
      const failure = encodeFailure(error);
      if (!decision.retry) throw new UnrecoverableError(failure);
      const { delayMs } = decision;
      const note: JobNote = { stage: 'retried', error: decodeFailure(failure), attempt, delayMs };
      await job.updateProgress(note).catch(() => {});
      throw new RetryLater(failure, delayMs);
    }
  }

  async #finish(
    name: JobName,
    handler: JobHandler<JobName>,
    job: Job,
    token: string,
    attempt: number,
  ): Promise<TaskResult> {
    const { artifacts, keys, redis, timings, waiters, workerId } = this.#parts;
    const payload = parsePayload(job.data);
    const { auditId, project, task } = payload;
    const finished = (output: TaskOutput, reused: boolean): TaskResult => ({
      output,
      reused,
      root: payload.root,
      worker: workerId,
    });

    const stopped = await readStop(redis, keys, auditId);
    if (stopped !== undefined) throw stoppedError(auditId, stopped);
    const linked = await artifacts.resolve(project, task);
    if (linked !== undefined) return finished(linked, true);
    await this.#waitForInputs(name, payload, job, token);

    const held = await holdExclusively(redis, keys.lock(project, task), timings.lockMs);
    if (held === undefined) {
      await waiters.add(project, task, name, job.id!);
      return await putOff(job, token, putOffMs(job));
    }
    try {
      // Whoever held it before may have finished between the look and the claim.
      const meanwhile = await artifacts.resolve(project, task);
      if (meanwhile !== undefined) return finished(meanwhile, true);
      const output = await this.#run(name, handler, payload, job, attempt, held);
      await artifacts.link(project, task, output);
      return finished((await artifacts.resolve(project, task)) ?? output, false);
    } finally {
      await held.release().catch(() => {}); // Runs out by itself.
      await waiters.wake(project, task).catch(() => {}); // They wake by themselves, later.
    }
  }

  async #waitForInputs(name: JobName, payload: TaskPayload, job: Job, token: string): Promise<void> {
    const { artifacts, waiters } = this.#parts;
    const { awaits, project } = payload;
    for (const input of awaits) {
      if ((await artifacts.resolve(project, input)) !== undefined) continue;
      await waiters.add(project, input, name, job.id!);
      // It may have been finished just before it was told whom to wake.
      if ((await artifacts.resolve(project, input)) === undefined) await putOff(job, token, putOffMs(job));
    }
  }

  async #run(
    name: JobName,
    handler: JobHandler<JobName>,
    payload: TaskPayload,
    job: Job,
    attempt: number,
    held: Held,
  ): Promise<TaskOutput> {
    const { onEvent, timings, workerId } = this.#parts;
    const { auditId, task } = payload;
    const abort = new AbortController();
    const underWay: UnderWay = { auditId, task, job: name, startedAt: new Date().toISOString(), abort };
    const onLost = (): void => abort.abort(new GivenBack('another worker runs it'));
    held.lost.addEventListener('abort', onLost, { once: true });
    const { timeoutMs } = jobCatalog[name];
    const timeout = setTimeout(() => abort.abort(tookTooLong(timeoutMs)), timeoutMs);
    const note = throttled<JobNote>(timings.progressEveryMs, (value) => job.updateProgress(value));
    this.#underWay.add(underWay);
    const startedAt = performance.now();
    try {
      await job.updateProgress({ stage: 'started', worker: workerId, attempt } satisfies JobNote);
      onEvent('task started', { auditId, task, kind: job.name, attempt });
      const output = await untilAborted(
        handler(payload, {
          signal: abort.signal,
          attempt,
          progress: ({ fraction, note: text }) =>
            note({ stage: 'running', fraction, ...(text === undefined ? {} : { note: text }) }),
        }),
        abort.signal,
        timings.abandonMs,
      );
      onEvent('task finished', {
        auditId,
        task,
        kind: job.name,
        durationMs: Math.round(performance.now() - startedAt),
      });
      return output;
    } finally {
      clearTimeout(timeout);
      held.lost.removeEventListener('abort', onLost);
      this.#underWay.delete(underWay);
      await note.flush();
    }
  }
}

function parsePayload(data: unknown): TaskPayload {
  const parsed = taskPayload.safeParse(data);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new EngramError('ENG_INTERNAL', `a job's payload does not fit the catalog: ${where}`, {
    remedy: 'The service and its workers may be of different versions.',
  });
}

/**
 * The handler's outcome, or the reason it was stopped for: its own complaint about being stopped says less. A result
 * that comes in spite of the stop is kept. A handler that does not stop is no longer waited for.
 */
async function untilAborted<T>(outcome: Promise<T>, signal: AbortSignal, abandonMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const abandoned = new Promise<never>((_, reject) => {
    const giveUp = (): void => {
      timer = setTimeout(() => reject(signal.reason), abandonMs);
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([outcome, abandoned]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

function tookTooLong(timeoutMs: number): EngramError {
  return new EngramError('ENG_DEVICE_LOST', `the task was stopped after ${Math.round(timeoutMs / 1000)} s`, {
    remedy: 'Ask for fewer reference models or samples.',
  });
}

/** From a quarter of a second to two: somebody usually wakes it sooner. */
function putOffMs(job: Job): number {
  const times = Math.max(0, job.attemptsStarted - job.attemptsMade - job.stalledCounter - 1);
  return Math.min(2000, 250 * 2 ** Math.min(times, 3));
}

/** Frees the slot: the job comes back after the delay and this start does not count as a try. */
async function putOff(job: Job, token: string, delayMs: number): Promise<never> {
  await job.moveToDelayed(Date.now() + delayMs, token);
  throw new DelayedError();
}
