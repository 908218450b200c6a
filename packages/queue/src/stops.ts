import type { EngramErrorOptions, SerializedError } from '@engram/domain';
import { EngramError } from '@engram/domain';
import type { Redis } from './connection.js';
import type { QueueKeys } from './keys.js';

/** Why no job of an audit may run any more. The first cause stands. */
export type StopCause =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly task: string; readonly error: SerializedError };

/** How long a stopped audit is remembered: longer than any of its jobs can linger. */
const rememberedSeconds = 30 * 24 * 3600;

/** Records the cause and tells every worker. @returns the cause that stands: an earlier one, if there was. */
export async function recordStop(redis: Redis, keys: QueueKeys, auditId: string, cause: StopCause): Promise<StopCause> {
  const key = keys.stop(auditId);
  const set = await redis.set(key, JSON.stringify(cause), 'EX', rememberedSeconds, 'NX');
  await redis.publish(keys.stops, auditId);
  return set === null ? ((await readStop(redis, keys, auditId)) ?? cause) : cause;
}

export async function readStop(redis: Redis, keys: QueueKeys, auditId: string): Promise<StopCause | undefined> {
  const text = await redis.get(keys.stop(auditId));
  return text === null ? undefined : (JSON.parse(text) as StopCause);
}

/** Which of these audits are stopped. */
export async function stoppedAmong(redis: Redis, keys: QueueKeys, auditIds: readonly string[]): Promise<string[]> {
  if (auditIds.length === 0) return [];
  const causes = await redis.mget(auditIds.map((id) => keys.stop(id)));
  return auditIds.filter((_, index) => causes[index] !== null);
}

/** What a task of a stopped audit fails with. */
export function stoppedError(auditId: string, cause?: StopCause, options: EngramErrorOptions = {}): EngramError {
  const why = cause?.kind === 'failed' ? `another task of audit ${auditId} failed` : `audit ${auditId} was cancelled`;
  return new EngramError('ENG_AUDIT_CANCELLED', why, options);
}
