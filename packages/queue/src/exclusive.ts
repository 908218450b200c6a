import { randomBytes } from 'node:crypto';
import type { Redis } from './connection.js';

export interface Held {
  /** Aborted when somebody else holds the key: what was being done must stop. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

// Renewal also restores a key that is gone (a wiped server), so that work under way keeps its claim.
const renewScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/**
 * Claims a key for one holder at a time. The claim is renewed for as long as this process lives and runs out
 * `durationMs` after it dies.
 *
 * @returns undefined when somebody else holds it.
 */
export async function holdExclusively(redis: Redis, key: string, durationMs: number): Promise<Held | undefined> {
  const token = randomBytes(12).toString('hex');
  if ((await redis.set(key, token, 'PX', durationMs, 'NX')) === null) return undefined;
  const lost = new AbortController();
  const timer = setInterval(() => {
    redis.eval(renewScript, 1, key, token, durationMs).then(
      (held) => {
        if (held === 0) lost.abort();
      },
      () => {}, // Away for now: the next renewal tells whether the claim still stands.
    );
  }, durationMs / 3);
  timer.unref();
  return {
    lost: lost.signal,
    async release() {
      clearInterval(timer);
      await redis.eval(releaseScript, 1, key, token);
    },
  };
}
