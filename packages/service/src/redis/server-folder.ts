import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { EngramError } from '@engram/domain';
import { isRunning } from './process-table.js';

/** How to reach the server of a folder. The password keeps out other users of this machine. */
export interface ServerAddress {
  readonly port: number;
  readonly password: string;
}

/** What a server keeps under its folder: address, configuration, log, append-only file. Readable by its owner only. */
export interface ServerFolder {
  readonly config: string;
  readonly log: string;
  /** The address of the last start, if there was one. */
  lastAddress(): Promise<ServerAddress | undefined>;
  /** An address for the next start: the same password always, the same port while it is free. */
  nextAddress(avoid?: number): Promise<ServerAddress>;
  writeConfig(address: ServerAddress): Promise<void>;
  /** Written and removed by the server itself. */
  pid(): Promise<number | undefined>;
  /** Moves an append-only file the server cannot read out of its way. @returns where to. */
  setAsideData(): Promise<string>;
  /** One starter at a time; the lock of a starter that died is taken over. */
  lockStart(): Promise<() => Promise<void>>;
}

export async function openServerFolder(folder: string): Promise<ServerFolder> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = (name: string): string => join(folder, name);
  const addressFile = path('address.json');

  async function lastAddress(): Promise<ServerAddress | undefined> {
    const text = await readFile(addressFile, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      const { port, password } = JSON.parse(text) as Partial<ServerAddress>;
      return typeof port === 'number' && typeof password === 'string' ? { port, password } : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    config: path('redis.conf'),
    log: path('redis.log'),
    lastAddress,
    async nextAddress(avoid) {
      const last = await lastAddress();
      const port =
        last !== undefined && last.port !== avoid && (await isFree(last.port)) ? last.port : await freePort();
      const address = { port, password: last?.password ?? randomBytes(24).toString('base64url') };
      await writePrivately(addressFile, JSON.stringify(address));
      return address;
    },
    async writeConfig({ port, password }) {
      const lines = [
        'bind 127.0.0.1',
        `port ${port}`,
        'protected-mode yes',
        `requirepass ${password}`,
        `dir ${quoted(folder)}`,
        `logfile ${quoted(path('redis.log'))}`,
        `pidfile ${quoted(path('redis.pid'))}`,
        'daemonize no',
        // The command line must keep naming this file: a leftover server is recognised by it.
        'set-proc-title no',
        'appendonly yes',
        'appendfsync everysec',
        'save ""',
        // Jobs must never be dropped to make room.
        'maxmemory-policy noeviction',
      ];
      await writePrivately(path('redis.conf'), `${lines.join('\n')}\n`);
    },
    async pid() {
      const text = await readFile(path('redis.pid'), 'utf8').catch(() => '');
      const pid = Number.parseInt(text, 10);
      return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
    },
    async setAsideData() {
      const aside = path(`appendonlydir-unreadable-${Date.now()}`);
      await rename(path('appendonlydir'), aside);
      return aside;
    },
    lockStart: () => lock(path('start.lock')),
  };
}

async function lock(path: string): Promise<() => Promise<void>> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
    if (Number.isSafeInteger(holder) && !(await isRunning(holder))) await rm(path, { force: true });
    else if (performance.now() > deadline)
      throw new EngramError(
        'ENG_QUEUE_UNAVAILABLE',
        `another process has been starting this Redis server for a minute`,
        {
          remedy: `If none is, delete ${path}.`,
        },
      );
    else await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function writePrivately(path: string, text: string): Promise<void> {
  const partial = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(partial, text, { mode: 0o600, flush: true });
  await rename(partial, path);
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function listening(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

async function isFree(port: number): Promise<boolean> {
  return (await listening(port)) !== undefined;
}

async function freePort(): Promise<number> {
  const port = await listening(0);
  if (port === undefined)
    throw new EngramError('ENG_QUEUE_UNAVAILABLE', 'no free port on 127.0.0.1 for a Redis server');
  return port;
}
