import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { EngramError } from '@engram/domain';
import { ended, hasArgument, isRunning } from './process-table.js';
import { askRedis } from './resp.js';
import { openServerFolder, type ServerAddress, type ServerFolder } from './server-folder.js';

export interface EmbeddedRedisOptions {
  /** Where the server keeps its data, log and password; created if absent. */
  readonly folder: string;
  /** The server binary: see {@link findRedisServer} and {@link fetchRedisServer}. Not called when a server is adopted. */
  readonly locateServer: () => Promise<string>;
  /** Things worth a log line: `adopted`, `started`, `restarted`, `data set aside`, `gave up`. */
  readonly onEvent?: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** A Redis server of our own, append-only file on, reachable from this machine only and with a password. */
export interface EmbeddedRedis {
  /** Carries the password: never to be logged. Stays the same when the server is restarted. */
  readonly url: string;
  readonly port: number;
  /** Process id of the server as it runs now. */
  readonly pid: number;
  /** True when a server that outlived its parent was found running and taken over. */
  readonly adopted: boolean;
  /** Flushes the append-only file and stops the server. */
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000;
/** A healthy server answers at once, even if only that it is loading. */
const silenceLimitMs = 4000;
const watchEveryMs = 1000;
const restartsAllowed = 5;
const longLivedMs = 60_000;

/**
 * Starts a Redis server under `folder`, or takes over the one a killed parent left there; one that does not answer is
 * replaced. It runs in a session of its own, so an interrupt at the terminal reaches it only through `stop`, and is
 * started again, at the same address, when it dies.
 *
 * @throws ENG_QUEUE_UNAVAILABLE it did not start; the message holds the last lines of its log.
 */
export async function embeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const folder = await openServerFolder(options.folder);
  const say = options.onEvent ?? (() => {});
  const unlock = await folder.lockStart();
  let running: Running;
  let adopted = false;
  try {
    const leftover = await takeOver(folder);
    adopted = leftover !== undefined;
    running = leftover ?? (await start(folder, await options.locateServer(), say));
    say(adopted ? 'adopted' : 'started', { pid: running.pid, port: running.address.port });
  } finally {
    await unlock();
  }

  let stopping = false;
  let restarts = 0;
  let startedAt = performance.now();
  let watching: Promise<void> = Promise.resolve();
  const watch = async (): Promise<void> => {
    if (stopping || (await isRunning(running.pid)) || stopping) return;
    if (performance.now() - startedAt > longLivedMs) restarts = 0;
    if (restarts++ >= restartsAllowed) {
      clearInterval(timer);
      say('gave up', { restarts: restartsAllowed });
      return;
    }
    try {
      startedAt = performance.now();
      running = await start(folder, await options.locateServer(), say, running.address);
      say('restarted', { pid: running.pid });
    } catch (error) {
      say('restart failed', { error });
    }
  };
  const timer = setInterval(() => {
    watching = watching.then(watch);
  }, watchEveryMs);
  timer.unref();

  return {
    url: `redis://:${running.address.password}@127.0.0.1:${running.address.port}`,
    port: running.address.port,
    get pid() {
      return running.pid;
    },
    adopted,
    async stop() {
      stopping = true;
      clearInterval(timer);
      await watching;
      await shutDown(running);
    },
  };
}

interface Running {
  readonly pid: number;
  readonly address: ServerAddress;
}

async function takeOver(folder: ServerFolder): Promise<Running | undefined> {
  const pid = await folder.pid();
  const address = await folder.lastAddress();
  // A pid file may outlive its server and name a stranger by now: only a process started with our file is ours.
  if (pid === undefined || address === undefined || !(await isRunning(pid))) return undefined;
  if ((await hasArgument(pid, folder.config)) === false) return undefined;
  if (await becomesReady(address, pid, silenceLimitMs)) return { pid, address };
  if ((await hasArgument(pid, folder.config)) === true) {
    process.kill(pid, 'SIGKILL');
    await ended(pid, 5000);
  }
  return undefined;
}

async function start(
  folder: ServerFolder,
  binary: string,
  say: NonNullable<EmbeddedRedisOptions['onEvent']>,
  wanted?: ServerAddress,
): Promise<Running> {
  let avoid: number | undefined;
  let dataSetAside = false;
  for (let attempt = 1; ; attempt++) {
    const address = wanted ?? (await folder.nextAddress(avoid));
    await folder.writeConfig(address);
    const logBefore = (await readLog(folder)).length;
    const child = spawn(binary, [folder.config], { detached: true, stdio: 'ignore' });
    child.unref();
    const failure = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (status, signal) => resolve(`ended with ${signal ?? `status ${status}`}`));
    });
    if (child.pid === undefined) throw new EngramError('ENG_QUEUE_UNAVAILABLE', `${binary}: ${await failure}`);
    if (await becomesReady(address, child.pid, startTimeoutMs)) return { pid: child.pid, address };
    if (await isRunning(child.pid)) {
      child.kill('SIGKILL');
      await ended(child.pid, 5000);
    }
    const lastLines = (await readLog(folder)).slice(logBefore).trimEnd().split('\n').slice(-5).join('\n');
    if (/append only file|\bAOF\b/i.test(lastLines) && !dataSetAside) {
      // What waits in Redis is rebuilt from the database, so an unreadable file must not stop the service.
      dataSetAside = true;
      say('data set aside', { folder: await folder.setAsideData() });
    } else if (attempt >= 3 || wanted !== undefined) {
      throw new EngramError('ENG_QUEUE_UNAVAILABLE', `${binary} ${await failure}\n${lastLines}`, {
        remedy: `See ${folder.log}, or set REDIS_URL to a server of yours.`,
      });
    } else avoid = address.port;
  }
}

async function readLog(folder: ServerFolder): Promise<string> {
  return readFile(folder.log, 'utf8').catch(() => '');
}

/** Waits for the server to answer with our password; for as long as it says that it is loading its data. */
async function becomesReady(address: ServerAddress, pid: number, silenceMs: number): Promise<boolean> {
  let heardAt = performance.now();
  while (performance.now() - heardAt < silenceMs) {
    const replies = await askRedis(address.port, [['AUTH', address.password], ['PING']], 1000).catch(() => []);
    if (replies[1] === '+PONG') return true;
    if (replies[1]?.startsWith('-LOADING')) heardAt = performance.now();
    if (!(await isRunning(pid))) return false;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

async function shutDown({ pid, address }: Running): Promise<void> {
  await askRedis(address.port, [['AUTH', address.password], ['SHUTDOWN']], 10_000).catch(() => []);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (await ended(pid, 10_000)) return;
    process.kill(pid, signal);
  }
  await ended(pid, 5000);
}
