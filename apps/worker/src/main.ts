import { join } from 'node:path';
import { asEngramError } from '@engram/domain';
import { createLogger, onShutdown, readSettings } from '@engram/service';
import { openFolderStore } from '@engram/storage';
import { openWorkerProcess } from './open-worker-process.js';
import { versions } from './versions.js';

/** A worker: tasks in from Redis, artifacts out. Several may share one Redis and one artifact folder. */

const settings = readSettings(process.env);
const logger = createLogger({ name: 'worker', level: settings.logLevel });
try {
  const { redisUrl } = settings;
  if (redisUrl === undefined) throw new Error('REDIS_URL is not set: a worker needs the Redis its API uses');
  const artifactsRoot = join(settings.dataDir, 'artifacts');
  const store = await openFolderStore({
    root: artifactsRoot,
    limits: { artifactBytes: settings.limits.uploadBytes },
  });
  const shutdown = onShutdown({ logger });
  const opened = await openWorkerProcess({
    settings: { ...settings, redisUrl },
    logger,
    store,
    artifactsRoot,
    versions: await versions(settings.cacheDir),
  });
  shutdown.add('worker', () => opened.close());
  // Started by a service, it ends with it, however that ended: the service starts workers of its own when it is back.
  if (process.connected)
    process.once('disconnect', () => void shutdown.close('its service is gone').finally(() => process.exit()));
} catch (error) {
  const { message, remedy, code } = asEngramError(error);
  logger.fatal({ code, remedy }, message);
  process.exit(1);
}
