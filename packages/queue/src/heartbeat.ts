import type { JobName } from './catalog.js';
import type { Redis } from './connection.js';
import type { QueueKeys } from './keys.js';

/** A task under way in a worker. */
export interface CurrentTask {
  readonly auditId: string;
  readonly task: string;
  readonly job: JobName;
  readonly startedAt: string;
}

/** A worker as it last described itself. */
export interface WorkerStatus {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** Where its tensors run: `cpu`, `cuda:0`. */
  readonly device: string;
  /** Versions of the worker and its native libraries. */
  readonly versions: Readonly<Record<string, string>>;
  readonly slots: Readonly<Record<JobName, number>>;
  readonly startedAt: string;
  readonly current: readonly CurrentTask[];
}

export const beatEveryMs = 5000;
/** A worker not heard of for this long counts as gone. */
const goneAfterMs = 16_000;

export async function beat(redis: Redis, keys: QueueKeys, status: WorkerStatus): Promise<void> {
  await redis
    .multi()
    .set(keys.worker(status.id), JSON.stringify(status), 'PX', goneAfterMs)
    .zadd(keys.workers, Date.now(), status.id)
    .exec();
}

export async function signOff(redis: Redis, keys: QueueKeys, id: string): Promise<void> {
  await redis.multi().del(keys.worker(id)).zrem(keys.workers, id).exec();
}

/** Workers heard of lately, the longest running first. */
export async function aliveWorkers(redis: Redis, keys: QueueKeys): Promise<WorkerStatus[]> {
  const ids = await redis.zrange(keys.workers, 0, -1);
  if (ids.length === 0) return [];
  const texts = await redis.mget(ids.map((id) => keys.worker(id)));
  const gone = ids.filter((_, index) => texts[index] === null);
  if (gone.length > 0) await redis.zrem(keys.workers, ...gone);
  return texts
    .flatMap((text) => (typeof text === 'string' ? [JSON.parse(text) as WorkerStatus] : []))
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}
