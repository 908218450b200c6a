import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { EngramError } from '@engram/domain';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one of the same number; absent where the system does not say. */
  readonly startTicks?: string;
}

/** A claim is refreshed this often … */
const refreshEveryMs = 5000;
/** … and one of another machine that has not been for this long is that of a dead process. */
const staleAfterMs = 30_000;

/**
 * Claims a folder for this process: the embedded database has no lock of its own, and two processes writing to it
 * would destroy it. The claim of a process that is gone is taken over; whether one of another machine (or container)
 * is gone shows after half a minute, which is waited for.
 *
 * @returns a function that gives the claim up.
 * @throws ENG_STORE_UNAVAILABLE another process holds it.
 */
export async function lockFolder(path: string, staleMs: number = staleAfterMs): Promise<() => Promise<void>> {
  const mine: Holder = { pid: process.pid, host: hostname(), ...(await ticksOf(process.pid)) };
  await mkdir(dirname(path), { recursive: true });
  const deadline = performance.now() + staleMs + 1000;
  for (;;) {
    if (await claim(path, mine)) return keep(path);
    const holder = await readHolder(path);
    const late = performance.now() > deadline;
    if (holder === 'unfinished') {
      // Its writer is between making and filling it, or died there.
      if ((await ageMs(path)) > 1000) await rm(path, { force: true });
    } else if (holder !== undefined) {
      const alive = await isAlive(path, holder, staleMs);
      if (!alive) await rm(path, { force: true });
      else if (holder.host === mine.host || late)
        throw new EngramError(
          'ENG_STORE_UNAVAILABLE',
          `the embedded database is in use by process ${holder.pid} on ${holder.host}`,
          { remedy: 'Stop that process, use another data folder, or set DATABASE_URL.' },
        );
    }
    if (late)
      throw new EngramError('ENG_STORE_UNAVAILABLE', 'the embedded database is being claimed by other processes');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function claim(path: string, holder: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(JSON.stringify(holder));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function keep(path: string): () => Promise<void> {
  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {}); // A folder that is gone shows soon enough.
  }, refreshEveryMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    return rm(path, { force: true });
  };
}

/** Time since the claim was last refreshed; 0 when there is none. */
async function ageMs(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
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

async function isAlive(path: string, holder: Holder, staleMs: number): Promise<boolean> {
  if (holder.host !== hostname()) return (await ageMs(path)) < staleMs;
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
