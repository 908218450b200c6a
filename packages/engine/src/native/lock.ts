import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngramError } from '@engram/domain';

const heartbeatMs = 2_000;
/** A lock whose holder has not touched it for this long is taken over: its process is gone. */
const staleMs = 20_000;

/**
 * Runs `work` while holding the lock file, so that two set-ups of one cache do not collide. The holder touches the file
 * every two seconds; process numbers would not do, since a container and its host may share a cache.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  options: { onWait?: () => void; timeoutMs?: number } = {},
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const token = `${process.pid} ${Math.random().toString(36).slice(2)}`;
  const deadline = Date.now() + (options.timeoutMs ?? 1_800_000);
  let announced = false;
  while (!(await tryTake(path, token))) {
    if (!announced) options.onWait?.();
    announced = true;
    if (Date.now() > deadline) {
      throw new EngramError('ENG_NATIVE_LIBRARY_MISSING', 'another set-up has held the cache for over half an hour', {
        remedy: `If no other set-up is running, delete ${path} and run \`npm run setup\` again.`,
      });
    }
    await sleep(300);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await readFile(path, 'utf8').catch(() => '')) === token) await rm(path, { force: true });
  }
}

async function tryTake(path: string, token: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(token);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const age =
      Date.now() -
      (await stat(path)
        .then((s) => s.mtimeMs)
        .catch(() => Date.now()));
    if (age > staleMs) await rm(path, { force: true });
    return false;
  }
}
