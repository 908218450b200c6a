import type { SerializedError, TaskOutput } from '@engram/domain';
import { QueueEvents } from 'bullmq';
import { jobNames, splitJobId, type TaskResult } from './catalog.js';
import { connect, disconnect, type Redis } from './connection.js';
import { decodeFailure } from './retry.js';

interface OfTask {
  readonly auditId: string;
  readonly task: string;
}

/**
 * What becomes known while audits run. Events are hints that come soon: one may be missed (a restart of the listener,
 * a wiped server), none comes before its cause. What must not be missed is read from `auditJobs` and the task links.
 */
export interface QueueEventMap {
  /** A worker began to run it; again after a retry. Not sent for a task whose output was there. */
  readonly taskStarted: OfTask & { readonly worker: string; readonly attempt: number };
  readonly taskProgress: OfTask & { readonly fraction: number; readonly note?: string };
  /** A try failed and another follows. */
  readonly taskRetried: OfTask & {
    readonly error: SerializedError;
    readonly attempt: number;
    readonly delayMs: number;
  };
  readonly taskCompleted: OfTask & { readonly output: TaskOutput; readonly reused: boolean; readonly worker: string };
  /** For good. ENG_AUDIT_CANCELLED: stopped because its audit was. */
  readonly taskFailed: OfTask & { readonly error: SerializedError };
  /** The root task is done: `output` is the report's. */
  readonly auditCompleted: { readonly auditId: string; readonly output: TaskOutput };
  /** A task failed for good and with it the audit; its other jobs are removed. */
  readonly auditFailed: OfTask & { readonly error: SerializedError };
}

export type QueueEventName = keyof QueueEventMap;

export interface QueueEventSource {
  /** @returns a function that stops listening. A listener that throws does not keep others from hearing. */
  on<Name extends QueueEventName>(name: Name, listener: (event: QueueEventMap[Name]) => void): () => void;
}

/** What a job writes as its progress: either a stage of its life or how far it is. */
export type JobNote =
  | { readonly stage: 'started'; readonly worker: string; readonly attempt: number }
  | {
      readonly stage: 'retried';
      readonly error: SerializedError;
      readonly attempt: number;
      readonly delayMs: number;
    }
  | { readonly stage: 'running'; readonly fraction: number; readonly note?: string };

export interface OpenEvents {
  readonly source: QueueEventSource;
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

export function openEvents(redisUrl: string, prefix: string, onError: (error: unknown) => void): OpenEvents {
  const listeners = new Map<QueueEventName, Set<(event: never) => void>>();
  const emit = <Name extends QueueEventName>(name: Name, event: QueueEventMap[Name]): void => {
    for (const listener of listeners.get(name) ?? []) {
      try {
        (listener as (event: QueueEventMap[Name]) => void)(event);
      } catch (error) {
        onError(error);
      }
    }
  };

  const connections: Redis[] = [];
  const streams: QueueEvents[] = [];
  const listen = async (name: string): Promise<void> => {
    const redis = connect(redisUrl, 'working');
    connections.push(redis);
    // From the newest entry as of now, not as of whenever the first blocking read gets through.
    const [newest] = await redis.xrevrange(`${prefix}:${name}:events`, '+', '-', 'COUNT', 1);
    const stream = new QueueEvents(name, { connection: redis, prefix, lastEventId: newest?.[0] ?? '0-0' });
    streams.push(stream);
    stream.on('error', onError);
    stream.on('progress', ({ jobId, data }) => emitNote(splitJobId(jobId), data as unknown as JobNote, emit));
    stream.on('completed', ({ jobId, returnvalue }) => {
      const { output, reused, root, worker } = returnvalue as unknown as TaskResult;
      const of = splitJobId(jobId);
      emit('taskCompleted', { ...of, output, reused, worker });
      if (root) emit('auditCompleted', { auditId: of.auditId, output });
    });
    stream.on('failed', ({ jobId, failedReason }) => {
      const of = splitJobId(jobId);
      const error = decodeFailure(failedReason);
      emit('taskFailed', { ...of, error });
      if (error.code !== 'ENG_AUDIT_CANCELLED') emit('auditFailed', { ...of, error });
    });
    await stream.waitUntilReady();
  };

  const ready = Promise.all(jobNames.map(listen)).then(() => undefined);
  ready.catch(() => {}); // Whoever opens the queue hears of it; one that closes before does not ask.

  return {
    source: {
      on(name, listener) {
        const set = listeners.get(name) ?? new Set();
        listeners.set(name, set.add(listener));
        return () => void set.delete(listener);
      },
    },
    ready,
    async close() {
      await Promise.allSettled(streams.map((stream) => stream.close()));
      await Promise.all(connections.map(disconnect));
    },
  };
}

function emitNote(
  of: OfTask,
  note: JobNote,
  emit: <Name extends QueueEventName>(name: Name, event: QueueEventMap[Name]) => void,
): void {
  switch (note.stage) {
    case 'started':
      emit('taskStarted', { ...of, worker: note.worker, attempt: note.attempt });
      break;
    case 'retried':
      emit('taskRetried', { ...of, error: note.error, attempt: note.attempt, delayMs: note.delayMs });
      break;
    case 'running':
      emit('taskProgress', {
        ...of,
        fraction: note.fraction,
        ...(note.note === undefined ? {} : { note: note.note }),
      });
  }
}
