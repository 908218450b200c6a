import { join } from 'node:path';
import { asEngramError, EngramError } from '@engram/domain';
import { openQueue } from '@engram/queue';
import { createLogger, onShutdown, readSettings } from '@engram/service';
import { openFolderStore, openRecords } from '@engram/storage';
import { openApiServer } from './open-api-server.js';

/** The API as a process of its own: beside Redis, a database (embedded unless DATABASE_URL is set) and workers. */

const settings = readSettings(process.env);
const logger = createLogger({ name: 'api', level: settings.logLevel });
const onError = (err: unknown) => logger.warn({ err }, 'connection trouble');
try {
  const { redisUrl, databaseUrl, dataDir, limits, queuePrefix } = settings;
  if (redisUrl === undefined)
    throw new EngramError('ENG_SETTINGS_INVALID', 'REDIS_URL is not set: the API needs the Redis its workers use', {
      remedy: 'Set REDIS_URL, or run `engram serve`, which starts a Redis of its own.',
    });
  const shutdown = onShutdown({ logger });
  const store = await openFolderStore({
    root: join(dataDir, 'artifacts'),
    limits: { artifactBytes: limits.uploadBytes },
  });
  const records = await openRecords({ url: databaseUrl, folder: join(dataDir, 'database'), onError });
  shutdown.add('records', () => records.close());
  const queue = await openQueue({ redisUrl, prefix: queuePrefix, artifacts: store, onError });
  shutdown.add('queue', () => queue.close());
  const server = await openApiServer({ settings, logger, store, records, queue });
  shutdown.add('api', () => server.close());
  const { url } = await server.listen();
  logger.info({ url, database: records.kind }, 'listening');
} catch (error) {
  const { message, remedy, code } = asEngramError(error);
  logger.fatal({ code, remedy }, message);
  process.exit(1);
}
