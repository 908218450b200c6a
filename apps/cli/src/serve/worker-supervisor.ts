import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface WorkerSupervisorOptions {
  /** Worker processes to keep alive; each may run tasks of its own. */
  readonly count: number;
  /** The environment they are started with: it carries Redis and the data folder. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logsFolder: string;
  readonly onEvent: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

export interface WorkerSupervisor {
  readonly pids: readonly number[];
  close(): Promise<void>;
}

const firstDelayMs = 500;
const longestDelayMs = 15_000;
const steadyAfterMs = 30_000;
const graceMs = 10_000;

/** Keeps workers running beside the API: one that dies is started again, later each time it dies soon. */
export function superviseWorkers(options: WorkerSupervisorOptions): WorkerSupervisor {
  const entry = fileURLToPath(new URL('./main.js', import.meta.resolve('@engram/worker')));
  const children = new Map<number, ChildProcess>();
  let closing = false;

  function start(slot: number, delayMs: number, log: WriteStream): void {
    const startedAt = Date.now();
    const child = spawn(process.execPath, ['--enable-source-maps', entry], {
      env: options.environment,
      // The channel carries nothing: a worker sees by its end that this process is gone.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.set(slot, child);
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    options.onEvent('worker started', { slot, pid: child.pid });
    child.on('exit', (code, signal) => {
      children.delete(slot);
      if (closing) return;
      const next = Date.now() - startedAt > steadyAfterMs ? firstDelayMs : Math.min(longestDelayMs, delayMs * 2);
      options.onEvent('worker ended', { slot, code, signal, restartsInMs: next });
      setTimeout(() => {
        if (!closing) start(slot, next, log);
      }, next).unref();
    });
  }

  for (let slot = 0; slot < options.count; slot += 1)
    start(slot, firstDelayMs, createWriteStream(join(options.logsFolder, `worker-${slot + 1}.log`), { flags: 'a' }));

  return {
    get pids() {
      return [...children.values()].flatMap((child) => (child.pid === undefined ? [] : [child.pid]));
    },
    async close() {
      closing = true;
      await Promise.all([...children.values()].map(stop));
    },
  };
}

/** Asks to stop, so that its task goes back to the queue; insists after a while. */
function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const insist = setTimeout(() => child.kill('SIGKILL'), graceMs);
    child.once('exit', () => {
      clearTimeout(insist);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
