import { EngramError } from '@engram/domain';
import { Redis } from 'ioredis';

export type { Redis } from 'ioredis';

/**
 * `asking`: a request waits for the answer, so a lost server becomes an error soon.
 * `working`: a loop that rides out a restart of the server.
 */
export type Patience = 'asking' | 'working';

export function connect(redisUrl: string, patience: Patience): Redis {
  const redis = new Redis(redisUrl, {
    lazyConnect: false,
    connectTimeout: 5000,
    maxRetriesPerRequest: patience === 'asking' ? 2 : null,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 6), 1000),
    enableReadyCheck: true,
  });
  // Every command reports its own failure; without a listener the connection's would end the process.
  redis.on('error', () => {});
  return redis;
}

/** Closes without waiting for a server that is not there. */
export async function disconnect(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await redis.quit().catch(() => redis.disconnect());
  else redis.disconnect();
}

/** Runs a command; a server that is away or silent becomes ENG_QUEUE_UNAVAILABLE, which callers may try again. */
export async function asked<T>(what: string, command: () => Promise<T>, timeoutMs = 10_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      command(),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      }),
    ]);
  } catch (cause) {
    if (cause instanceof EngramError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new EngramError('ENG_QUEUE_UNAVAILABLE', `${what}: Redis did not do it: ${message}`, {
      remedy: 'Check that the Redis server runs and that REDIS_URL names it; then try again.',
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}
