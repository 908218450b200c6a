import { openEngine } from '@engram/engine';
import { parseModelManifest, readLayersNetwork, recipeOf, trainBank } from '@engram/models';
import type { Upload } from '../harness/client.js';
import type { Samples } from './blobs.js';
import { type ClassifierOptions, classifierUpload, trainedClassifier } from './classifier.js';

/** A classifier like {@link trainedClassifier}'s, trained in batches by the engine. */
export async function engineTrainedClassifier(
  { inputs, labels, width, classes }: Samples,
  training: { readonly [setting: string]: unknown },
  options: ClassifierOptions = {},
): Promise<Upload> {
  const untrained = trainedClassifier({ inputs, labels, width, classes }, { ...options, epochs: 0 });
  const { manifest } = parseModelManifest({ name: 'blobs', kind: 'tfjs-layers', training });
  const recipe = recipeOf(manifest.training!, 'classification');
  const network = await readLayersNetwork(
    {
      files: Object.entries(untrained.files).map(([path, bytes]) => ({ path, sizeBytes: bytes.length, digest: '' })),
      read: async (path) => untrained.files[path]!,
      localPath: async (path) => path,
    },
    'classification',
  );
  const engine = await openEngine({ device: 'cpu', mode: 'recorded' });
  try {
    const { models } = await trainBank(engine, {
      network,
      inputs: { data: inputs, shape: [labels.length, width] },
      labels,
      recipe,
      models: [{ seed: recipe.seed, trainedOn: new Uint8Array(labels.length).fill(1) }],
    });
    const trained = (name: string) => models[0]!.weights[name]!.data;
    return classifierUpload(
      {
        kernel: trained('hidden/kernel'),
        bias: trained('hidden/bias'),
        head: trained('head/kernel'),
        headBias: trained('head/bias'),
      },
      { width, classes },
      { ...options, training },
    );
  } finally {
    engine.close();
  }
}
