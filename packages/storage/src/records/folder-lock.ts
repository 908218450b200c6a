import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { EngramError } from '@engram/domain';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one of the same number; absent where the system does not say. */
  readonly startTicks?: string;
}

/**
 * Claims a folder for this process: the embedded database has no lock of its own, and two processes writing to it
 * would destroy it. The claim of a process that is gone is taken over.
 *
 * @returns a function that gives the claim up.
 * @throws ENG_STORE_UNAVAILABLE another process holds it.
 */
export async function lockFolder(path: string): Promise<() => Promise<void>> {
  const mine: Holder = { pid: process.pid, host: hostname(), ...(await ticksOf(process.pid)) };
  await mkdir(dirname(path), { recursive: true });
  for (let tries = 0; tries < 50; tries++) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(JSON.stringify(mine));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readHolder(path);
    if (holder === 'unfinished') {
      // Its writer is between creating and writing it, or died there.
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (tries === 48) await rm(path, { force: true });
      continue;
    }
    if (holder !== undefined && (await isAlive(holder)))
      throw new EngramError(
        'ENG_STORE_UNAVAILABLE',
        `the embedded database is in use by process ${holder.pid} on ${holder.host}`,
        {
          remedy: `Stop that process, use another data folder, or set DATABASE_URL. If it is long gone, delete ${path}.`,
        },
      );
    await rm(path, { force: true });
  }
  throw new EngramError('ENG_STORE_UNAVAILABLE', 'the embedded database is being claimed by other processes');
}

async function readHolder(path: string): Promise<Holder | 'unfinished' | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return 'unfinished';
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  // Of another machine we cannot know: better to refuse than to destroy.
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const { startTicks } = await ticksOf(holder.pid);
  return holder.startTicks === undefined || startTicks === undefined || startTicks === holder.startTicks;
}

/** When a process started, in clock ticks since boot: field 22 of its stat file. A zombie counts as ended. */
async function ticksOf(pid: number): Promise<{ startTicks?: string }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return {};
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { startTicks: fields[0] === 'Z' ? 'ended' : fields[19]! };
}
