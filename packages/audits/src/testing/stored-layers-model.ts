import type { ModelSource, StoredModel } from '@engram/domain';
import { inspectModel, type ModelWeights, parseModelManifest } from '@engram/models';
import { sha256Hex } from '@engram/numeric';
import type { TaskBench } from './task-bench.js';

type Files = Readonly<Record<string, Uint8Array>>;

/** A TensorFlow.js layers model as an upload leaves it: its files in the store, inspected. */
export async function storedLayersModel(
  bench: TaskBench,
  described: { readonly name: string; readonly [field: string]: unknown },
  files: Files,
): Promise<StoredModel> {
  const { manifest } = parseModelManifest({ kind: 'tfjs-layers', ...described });
  for (const bytes of Object.values(files)) await bench.put(bytes);
  const source = sourceOf(files);
  return {
    id: 'mdl_00000001',
    name: described.name,
    manifest: JSON.parse(JSON.stringify(manifest)),
    inspected: await inspectModel(manifest, source),
    files: source.files,
  };
}

/** The files of an upload of a layers model. */
export function filesOf(topology: object, weights: ModelWeights): Files {
  const entries = Object.entries(weights);
  const model = {
    format: 'layers-model',
    modelTopology: topology,
    weightsManifest: [
      { paths: ['weights.bin'], weights: entries.map(([name, { shape }]) => ({ name, shape, dtype: 'float32' })) },
    ],
  };
  return {
    'model.json': new TextEncoder().encode(JSON.stringify(model)),
    'weights.bin': bytesOf(weights),
  };
}

export function bytesOf(weights: ModelWeights): Uint8Array {
  const arrays = Object.values(weights).map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  return new Uint8Array(Buffer.concat(arrays));
}

export function sourceOf(files: Files): ModelSource {
  return {
    files: Object.entries(files).map(([path, bytes]) => ({ path, sizeBytes: bytes.length, digest: sha256Hex(bytes) })),
    read: async (path) => files[path],
    localPath: async (path) => path,
  };
}
