import { cpus, setPriority, totalmem } from 'node:os';
import { type Environment, runTask } from '@engram/audits';
import { type ArtifactStore, asEngramError, EngramError, type Json, serializeError } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { encodeBundle } from '@engram/numeric';
import { openFolderStore } from '@engram/storage';
import type { ComputeSettings, FromCompute, ToCompute } from './messages.js';

/** The process that owns the device. It speaks only with the worker that started it, and ends with it. */

const settings = JSON.parse(process.argv[2] ?? '{}') as ComputeSettings;
const store: ArtifactStore = await openFolderStore({
  root: settings.artifactsRoot,
  limits: { artifactBytes: Number.MAX_SAFE_INTEGER },
});
const aborts = new Map<number, AbortController>();
let engine: Promise<Engine> | undefined;

// The worker answers health checks and renews locks beside this: it goes first.
setPriority(process.pid, 5);
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToCompute) => {
  if (message.type === 'cancel') aborts.get(message.id)?.abort();
  else void run(message);
});
send({ type: 'ready', rssBytes: process.memoryUsage.rss() });

async function run(message: Extract<ToCompute, { type: 'run' }>): Promise<void> {
  const { id, project, task, inputs, attempt } = message;
  const abort = new AbortController();
  aborts.set(id, abort);
  const started = performance.now();
  try {
    const { bundle, facts } = await runTask(task, {
      project,
      store,
      inputs,
      attempt,
      signal: abort.signal,
      progress: (fraction, note) => send({ type: 'progress', id, fraction, ...(note === undefined ? {} : { note }) }),
      engine: openOnce,
      onnx: () => import('onnxruntime-node'),
      environment: environment(),
    });
    abort.signal.throwIfAborted();
    const { digest, sizeBytes } = await store.put(project, encodeBundle(bundle));
    const durationMs = Math.round(performance.now() - started);
    const device = await usedDevice();
    send({
      type: 'done',
      id,
      output: { digest, sizeBytes, durationMs, facts: { ...facts, device } },
      rssBytes: process.memoryUsage.rss(),
    });
  } catch (error) {
    const told = abort.signal.aborted
      ? new EngramError('ENG_AUDIT_CANCELLED', 'the audit was cancelled')
      : asEngramError(error);
    send({ type: 'failed', id, error: serializeError(told), rssBytes: process.memoryUsage.rss() });
  } finally {
    aborts.delete(id);
  }
}

/** Loading TensorFlow takes a second and hundreds of megabytes: only tasks with tensors pay for it. */
function openOnce(): Promise<Engine> {
  engine ??= openEngine({
    device: settings.device,
    mode: settings.engineMode,
    scratchDir: settings.scratchDir,
    ...(settings.threads === null ? {} : { threads: settings.threads }),
  });
  return engine;
}

async function usedDevice(): Promise<string> {
  return engine === undefined ? 'none' : (await engine).info.device;
}

function environment(): Environment {
  const processor = cpus()[0]?.model ?? 'unknown';
  return {
    versions: { node: process.versions.node, ...(settings.facts.versions as Record<string, string> | undefined) },
    hardware: { processor, cores: cpus().length, memoryBytes: totalmem() } as Record<string, Json>,
  };
}

function send(message: FromCompute): void {
  process.send?.(message);
}
