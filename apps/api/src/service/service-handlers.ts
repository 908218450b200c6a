import type { ReadinessCheck } from '@engram/contract';
import { type ArtifactStore, asEngramError } from '@engram/domain';
import type { AuditQueue } from '@engram/queue';
import type { Metrics } from '@engram/service';
import type { RecordStore } from '@engram/storage';
import type { Handlers } from '../http/call.js';
import type { UploadLimits } from '../uploads/receive-upload.js';
import { capabilitiesOf } from './capabilities.js';

export interface ServiceParts {
  readonly records: Pick<RecordStore, 'health'>;
  readonly store: ArtifactStore;
  readonly queue: AuditQueue;
  readonly metrics: Metrics;
  readonly limits: UploadLimits;
  readonly versions: Readonly<Record<string, string>>;
}

type ServiceRoutes = 'getCapabilities' | 'getHealth' | 'getReadiness' | 'getMetrics';

/** A check that takes longer counts as failed: load balancers do not wait. */
const checkTimeoutMs = 3000;

export function serviceHandlers(parts: ServiceParts): Pick<Handlers, ServiceRoutes> {
  const { records, store, queue, metrics } = parts;
  return {
    async getCapabilities() {
      const workers = await queue.workersAlive().catch(() => []);
      return capabilitiesOf(workers, parts.limits, parts.versions);
    },
    async getHealth() {
      return { status: 'ok' };
    },
    async getReadiness({ reply }) {
      const [database, redis, artifacts, workers] = await Promise.all([
        checked(async () => void (await records.health())),
        checked(async () => void (await queue.health())),
        checked(async () => probe(store)),
        checked(async () => {
          if ((await queue.workersAlive()).length === 0) throw new Error('no worker is alive');
        }),
      ]);
      const ready = [database, redis, artifacts, workers].every(({ ok }) => ok);
      reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
      return { status: ready ? 'ready' : 'notReady', checks: { database, redis, artifacts, workers } };
    },
    async getMetrics({ reply }) {
      const { contentType, body } = await metrics.render();
      return reply.type(contentType).send(body);
    },
  };
}

/** Writes a few bytes and deletes them: a full or read-only disk is not ready. */
async function probe(store: ArtifactStore): Promise<void> {
  const project = 'readiness';
  const { digest } = await store.put(project, new TextEncoder().encode('ready'));
  await store.delete(project, digest);
}

async function checked(check: () => Promise<void>): Promise<ReadinessCheck> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([
      check(),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${checkTimeoutMs} ms`)), checkTimeoutMs);
      }),
    ]);
    return { ok: true };
  } catch (error) {
    return { ok: false, message: asEngramError(error).message };
  } finally {
    clearTimeout(timer);
  }
}
