import type { AddressInfo } from 'node:net';
import { type ArtifactStore, EngramError } from '@engram/domain';
import type { AuditQueue } from '@engram/queue';
import { type Logger, type Metrics, openMetrics, type Settings } from '@engram/service';
import type { RecordStore } from '@engram/storage';
import type { FastifyInstance } from 'fastify';
import { auditHandlers } from './audits/audit-handlers.js';
import { WatchedAudits } from './audits/watched-audits.js';
import { canaryHandlers } from './canaries/canary-handlers.js';
import { Conductor } from './conductor/conductor.js';
import { Paces } from './conductor/paces.js';
import { ownVersion, serveDocs } from './http/docs.js';
import { createHttpApp } from './http/http-app.js';
import { authenticateBy } from './http/keys.js';
import { FinishedReports } from './reports/finished-reports.js';
import { reportHandlers } from './reports/report-handlers.js';
import { serviceHandlers } from './service/service-handlers.js';
import type { UploadLimits } from './uploads/receive-upload.js';
import { DigestsInFlight } from './uploads/staged-artifacts.js';
import { uploadHandlers } from './uploads/upload-handlers.js';

export interface ApiServerParts {
  readonly settings: Pick<Settings, 'host' | 'port' | 'limits' | 'apiKeys' | 'keysRequired'>;
  readonly logger: Logger;
  readonly store: ArtifactStore;
  readonly records: RecordStore;
  readonly queue: AuditQueue;
  /** Its own registry unless given. */
  readonly metrics?: Metrics;
  /** Shown in the capabilities beside the service's own version. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Files one upload may have. */
  readonly filesPerUpload?: number;
  /** How soon lost audits are found: for tests. */
  readonly reconcileEveryMs?: number;
  readonly quietMs?: number;
}

export interface ApiServer {
  readonly app: FastifyInstance;
  readonly conductor: Conductor;
  /** Starts listening where the settings say. @returns the address: the port is chosen by the system when it is 0. */
  listen(): Promise<{ readonly url: string; readonly port: number }>;
  /** Ends waiting answers, lets the others finish, stops recording. The parts given stay open: they are their owner's. */
  close(): Promise<void>;
}

const defaultFilesPerUpload = 10_000;
/** How much larger than one file an upload may be in all. */
const uploadFactor = 4;

/**
 * Connects routes, keys and conductor. Reads nothing from the environment and starts nothing but the conductor, so that
 * a process may hold it beside a worker.
 *
 * @throws ENG_SETTINGS_INVALID asked to listen beyond this machine without any key.
 */
export async function openApiServer(parts: ApiServerParts): Promise<ApiServer> {
  const { settings, logger, store, records, queue } = parts;
  if (settings.keysRequired && settings.apiKeys.length === 0 && !(await records.keys.any()))
    throw new EngramError('ENG_SETTINGS_INVALID', `listening on ${settings.host} needs keys, and none are set`, {
      remedy: 'Set ENGRAM_API_KEYS (make one with: openssl rand -hex 24), or listen on 127.0.0.1.',
      faults: [{ pointer: '/ENGRAM_API_KEYS', message: 'is empty' }],
    });
  const stopping = new AbortController();
  const metrics = parts.metrics ?? openMetrics();
  const watched = new WatchedAudits(records);
  const paces = new Paces(records, queue);
  const { reconcileEveryMs, quietMs } = parts;
  const conductor = new Conductor({
    records,
    store,
    queue,
    paces,
    logger,
    onChange: (notice) => watched.notify(notice),
    ...(reconcileEveryMs === undefined ? {} : { reconcileEveryMs }),
    ...(quietMs === undefined ? {} : { quietMs }),
  });
  const limits: UploadLimits = {
    fileBytes: settings.limits.uploadBytes,
    totalBytes: settings.limits.uploadBytes * uploadFactor,
    files: parts.filesPerUpload ?? defaultFilesPerUpload,
  };
  const versions = { engram: await ownVersion(), node: process.versions.node, ...parts.versions };
  const reports = new FinishedReports(store);
  const uploads = { records, store, inFlight: new DigestsInFlight(), limits, stopping: stopping.signal };
  const app = await createHttpApp({
    logger,
    metrics,
    authenticate: authenticateBy({
      keys: settings.apiKeys,
      keysRequired: settings.keysRequired,
      verify: async (key) => (await records.keys.verify(key))?.project,
    }),
    handlers: {
      ...uploadHandlers(uploads),
      ...canaryHandlers(uploads),
      ...auditHandlers({ records, store, conductor, paces, watched, stopping: stopping.signal }),
      ...reportHandlers({ watched, reports }),
      ...serviceHandlers({ records, store, queue, metrics, limits, versions }),
    },
  });
  await serveDocs(app);
  await app.ready();
  conductor.open();
  const unwatch = records.watch((notice) => watched.notify(notice));

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    stopping.abort();
    await app.close();
    await conductor.close();
    unwatch();
    if (parts.metrics === undefined) metrics.close();
  };
  return {
    app,
    conductor,
    async listen() {
      await app.listen({ host: settings.host, port: settings.port });
      const { port } = app.server.address() as AddressInfo;
      const host = settings.host.includes(':') ? `[${settings.host.replace(/[[\]]/g, '')}]` : settings.host;
      return { url: `http://${host}:${port}`, port };
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
