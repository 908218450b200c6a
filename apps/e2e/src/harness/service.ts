import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, connect } from './client.js';
import { kill, processesWith } from './processes.js';
import { until } from './until.js';

export interface ServiceOptions {
  readonly workers?: number;
  /** Projects beside each other in one service, each with what it stored and finished of its own. None: no keys. */
  readonly projects?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** The command `engram serve`, running in processes of its own on a temporary data folder. */
export interface Service {
  readonly url: string;
  readonly dataDir: string;
  /** Talks to it for a project; for the only one when it has no keys. */
  client(project?: string): Client;
  /** Processes as they are now. */
  readonly pids: { readonly api: number; readonly workers: readonly number[]; readonly compute: readonly number[] };
  /** URL of the Redis server it started, with the password. */
  redisUrl(): string;
  /** What the workers logged of an event, over all their logs. */
  logged(event: string): readonly { readonly [field: string]: unknown }[];
  /** Files under the artifact folder with their sizes, sorted. */
  artifacts(): readonly string[];
  /** Kills the API process alone, at once. */
  killApi(): Promise<void>;
  /** Starts it again on the same data and port. */
  startAgain(): Promise<void>;
  /** Stops everything it started and deletes its data. @throws when something had to be killed. */
  stop(): Promise<void>;
}

const command = fileURLToPath(import.meta.resolve('@engram/cli/bin/engram.js'));
const startsWithinMs = 90_000;
const stopsWithinMs = 40_000;

export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const dataDir = mkdtempSync(join(tmpdir(), 'engram-e2e-'));
  const port = await freePort();
  const mark = `ENGRAM_E2E=${randomBytes(8).toString('hex')}`;
  const keys = new Map((options.projects ?? []).map((project) => [project, randomBytes(16).toString('hex')]));
  const url = `http://127.0.0.1:${port}`;
  const environment = environmentOf(options, mark, keys);
  let api: ChildProcess | undefined;
  let output = '';

  const start = async (): Promise<void> => {
    const child = spawn(
      process.execPath,
      [command, 'serve', '--port', String(port), '--data', dataDir, '--workers', String(options.workers ?? 1)],
      { env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    api = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        output += text;
      });
    await until(
      `the service to be ready; it said: ${output}`,
      async () => {
        if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}: ${output}`);
        const answer = await fetch(`${url}${options.workers === 0 ? '/healthz' : '/readyz'}`).catch(() => undefined);
        return answer?.ok === true ? true : undefined;
      },
      { withinMs: startsWithinMs },
    );
  };

  const logs = (): string[] => {
    const folder = join(dataDir, 'logs');
    return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  };

  const service: Service = {
    url,
    dataDir,
    client: (project) => connect(url, project === undefined ? undefined : keys.get(project)),
    get pids() {
      const running = processesWith(mark);
      const workers = running.filter(({ command }) => /worker\/dist\/main\.js/.test(command));
      const compute = running.filter(({ command }) => /compute\/compute-main\.js/.test(command));
      return { api: api?.pid ?? 0, workers: workers.map(({ pid }) => pid), compute: compute.map(({ pid }) => pid) };
    },
    redisUrl() {
      const { port, password } = JSON.parse(readFileSync(join(dataDir, 'redis', 'address.json'), 'utf8'));
      return `redis://:${password}@127.0.0.1:${port}`;
    },
    logged(event) {
      return logs()
        .flatMap((text) => text.split('\n'))
        .filter((line) => line.includes(event))
        .map((line) => JSON.parse(line))
        .filter(({ msg }) => msg === event);
    },
    artifacts() {
      const root = join(dataDir, 'artifacts');
      return readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => `${path.slice(root.length + 1)} ${statSync(path).size}`)
        .sort();
    },
    async killApi() {
      const ended = once(api!, 'exit');
      await kill(api!.pid!);
      await ended;
    },
    startAgain: start,
    async stop() {
      if (api !== undefined && api.exitCode === null && api.signalCode === null) {
        const ended = once(api, 'exit');
        api.kill('SIGTERM');
        const insist = setTimeout(() => api?.kill('SIGKILL'), stopsWithinMs);
        await ended;
        clearTimeout(insist);
      }
      const left = processesWith(mark);
      for (const { pid } of left) await kill(pid);
      if (process.env.ENGRAM_E2E_KEEP === undefined) rmSync(dataDir, { recursive: true, force: true });
      else console.log(`data and logs are kept in ${dataDir}`);
      if (left.length > 0)
        throw new Error(`left running after the service: ${left.map(({ command }) => command).join('; ')}`);
    },
  };
  try {
    await start();
    return service;
  } catch (error) {
    await service.stop().catch(() => {});
    throw error;
  }
}

/** The environment of a user who set nothing of engram's but the caches set-up filled. */
function environmentOf(
  options: ServiceOptions,
  mark: string,
  keys: ReadonlyMap<string, string>,
): Record<string, string | undefined> {
  const own = ['ENGRAM_CACHE_DIR', 'ENGRAM_DEVICE'];
  const inherited = Object.entries(process.env).filter(
    ([name]) => own.includes(name) || !(name.startsWith('ENGRAM_') || ['DATABASE_URL', 'REDIS_URL'].includes(name)),
  );
  const [name, value] = mark.split('=') as [string, string];
  return {
    ...Object.fromEntries(inherited),
    [name]: value,
    ...(keys.size === 0 ? {} : { ENGRAM_API_KEYS: [...keys].map((entry) => entry.join(':')).join(',') }),
    ...options.environment,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
