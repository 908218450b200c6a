import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArtifactStore, TaskOutput } from '@engram/domain';
import { inspectNative } from '@engram/engine';
import { openWorker, type TaskContext, type TaskPayload, type TaskWorker } from '@engram/queue';
import type { Logger, Settings } from '@engram/service';
import { ComputePool } from './compute/compute-pool.js';
import type { ComputeProcessOptions } from './compute/compute-process.js';
import type { ComputeSettings } from './compute/messages.js';
import { openPlanReader } from './plan-reader.js';

export interface WorkerProcessOptions {
  readonly settings: Settings & { readonly redisUrl: string };
  readonly logger: Logger;
  readonly store: ArtifactStore;
  /** Folder of the store: the compute processes open it for themselves. */
  readonly artifactsRoot: string;
  readonly versions: Readonly<Record<string, string>>;
}

export interface WorkerProcess {
  readonly worker: TaskWorker;
  /** Process ids of the compute processes alive now. */
  readonly computePids: readonly number[];
  close(): Promise<void>;
}

/** A compute process holding more than this between tasks is replaced by a fresh one. */
const recycleAboveBytes = 4 * 2 ** 30;

/** Takes tasks from the queue and has them run in compute processes, so that this process's event loop stays free. */
export async function openWorkerProcess(options: WorkerProcessOptions): Promise<WorkerProcess> {
  const { settings, logger, store } = options;
  const scratchDir = join(settings.dataDir, 'scratch');
  await mkdir(scratchDir, { recursive: true });
  const compute: ComputeSettings = {
    artifactsRoot: options.artifactsRoot,
    device: settings.device,
    engineMode: settings.engine,
    threads: null,
    scratchDir,
    facts: { versions: options.versions },
  };
  const processOptions: ComputeProcessOptions = {
    entry: fileURLToPath(new URL('./compute/compute-main.js', import.meta.url)),
    settings: compute,
    recycleAboveBytes,
    onEvent: (event, details) => logger.info(details, `compute process ${event}`),
  };
  const pools = {
    compute: new ComputePool(settings.slots.compute, processOptions),
    light: new ComputePool(settings.slots.light, processOptions),
  };
  pools.compute.warm();
  pools.light.warm();
  const plans = openPlanReader(store);

  const handler =
    (pool: ComputePool) =>
    async (payload: TaskPayload, context: TaskContext): Promise<TaskOutput> => {
      const task = await plans.task(payload.project, payload.plan, payload.task);
      const inputs = await plans.inputs(payload.project, task);
      return pool.run(
        { project: payload.project, task, inputs, attempt: context.attempt },
        { signal: context.signal, onProgress: (progress) => context.progress(progress) },
      );
    };

  const worker = await openWorker({
    redisUrl: settings.redisUrl,
    prefix: settings.queuePrefix,
    artifacts: store,
    handlers: { compute: handler(pools.compute), light: handler(pools.light) },
    slots: settings.slots,
    device: await deviceInUse(settings),
    versions: options.versions,
    onEvent: (event, fields) => logger.info(fields, event),
  });
  return {
    worker,
    get computePids() {
      return [...pools.compute.pids, ...pools.light.pids];
    },
    async close() {
      await worker.close({ graceMs: 2000 });
      await Promise.all([pools.compute.close(), pools.light.close()]);
    },
  };
}

/** What `auto` comes to here: CUDA where there is an NVIDIA device and the library for it, else the CPU. */
async function deviceInUse(settings: Settings): Promise<'cpu' | 'cuda'> {
  if (settings.device !== 'auto') return settings.device;
  const native = await inspectNative({ cacheDir: settings.cacheDir });
  return native.nvidiaDevice && native.device === 'cuda' ? 'cuda' : 'cpu';
}
