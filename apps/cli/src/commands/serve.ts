import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openApiServer } from '@engram/api';
import { EngramError } from '@engram/domain';
import { inspectNative } from '@engram/engine';
import { openQueue } from '@engram/queue';
import {
  createLogger,
  embeddedRedis,
  fetchRedisServer,
  findRedisServer,
  onShutdown,
  readSettings,
  type Settings,
} from '@engram/service';
import { openFolderStore, openRecords } from '@engram/storage';
import { superviseWorkers } from '../serve/worker-supervisor.js';

export interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly data?: string;
  readonly workers: string;
}

/**
 * The whole service on one machine, by the same parts as in production: the API in this process, workers in theirs, and
 * a Redis server and an embedded database where the environment names none. Prints where it listens and runs until
 * stopped.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const environment = {
    ...process.env,
    ...(options.port === undefined ? {} : { ENGRAM_PORT: options.port }),
    ...(options.host === undefined ? {} : { ENGRAM_HOST: options.host }),
    ...(options.data === undefined ? {} : { ENGRAM_DATA_DIR: options.data }),
  };
  const settings = readSettings(environment);
  const workers = Number(options.workers);
  if (!(Number.isInteger(workers) && workers >= 0 && workers <= 64))
    throw new EngramError(
      'ENG_SETTINGS_INVALID',
      `--workers: expected a whole number from 0 to 64, got ${options.workers}`,
    );
  if (workers > 0) await refuseWithoutLibrary(settings);

  const logsFolder = join(settings.dataDir, 'logs');
  await mkdir(logsFolder, { recursive: true });
  const destination = createWriteStream(join(logsFolder, 'api.log'), { flags: 'a' });
  const logger = createLogger({ name: 'api', level: settings.logLevel, destination });
  const shutdown = onShutdown({ logger });

  const redisUrl =
    settings.redisUrl ?? (await startRedis(settings, (event, fields) => logger.info(fields, event), shutdown));
  const artifactsRoot = join(settings.dataDir, 'artifacts');
  const store = await openFolderStore({ root: artifactsRoot, limits: { artifactBytes: settings.limits.uploadBytes } });
  const records = await openRecords({
    url: settings.databaseUrl,
    folder: join(settings.dataDir, 'database'),
    onError: (error) => logger.error({ error }, 'database trouble'),
  });
  shutdown.add('records', () => records.close());
  const queue = await openQueue({
    redisUrl,
    prefix: settings.queuePrefix,
    artifacts: store,
    onError: (error) => logger.warn({ error }, 'queue trouble'),
  });
  shutdown.add('queue', () => queue.close());
  const api = await openApiServer({ settings, logger, store, records, queue });
  shutdown.add('api', () => api.close());
  const supervisor = superviseWorkers({
    count: workers,
    environment: {
      // Workers share the machine: each with all its threads, they would hold each other up.
      TF_NUM_INTRAOP_THREADS: String(Math.max(1, Math.floor(availableParallelism() / Math.max(1, workers)))),
      ...environment,
      REDIS_URL: redisUrl,
      ENGRAM_DATA_DIR: settings.dataDir,
    },
    logsFolder,
    onEvent: (event, fields) => logger.info(fields, event),
  });
  shutdown.add('workers', () => supervisor.close());
  const { url } = await api.listen();
  console.log(`engram listens on ${url}`);
  console.log(`  try it      ${url}/docs`);
  console.log(`  database    ${settings.databaseUrl === undefined ? 'embedded' : 'Postgres'}`);
  console.log(`  Redis       ${settings.redisUrl === undefined ? 'own server' : 'as REDIS_URL says'}`);
  console.log(`  workers     ${workers}`);
  console.log(`  data, logs  ${settings.dataDir}`);
}

async function refuseWithoutLibrary(settings: Settings): Promise<void> {
  const native = await inspectNative({ cacheDir: settings.cacheDir });
  const [missing] = native.missing;
  if (native.ready || missing === undefined) return;
  throw new EngramError('ENG_NATIVE_LIBRARY_MISSING', `${missing.what} is missing`, {
    remedy: `Run: ${missing.repair}`,
  });
}

async function startRedis(
  settings: Settings,
  onEvent: (event: string, fields: Readonly<Record<string, unknown>>) => void,
  shutdown: ReturnType<typeof onShutdown>,
): Promise<string> {
  const { cacheDir, dataDir } = settings;
  const redis = await embeddedRedis({
    folder: join(dataDir, 'redis'),
    locateServer: async () => {
      const found = await findRedisServer({ cacheDir, searchPath: process.env.PATH ?? '' });
      return (found ?? (await fetchRedisServer({ cacheDir }))).path;
    },
    onEvent: (event, fields) => onEvent(`redis ${event}`, fields),
  });
  shutdown.add('redis', () => redis.stop());
  return redis.url;
}
