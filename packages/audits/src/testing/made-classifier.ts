import type { NdArray, Recipe, StoredModel } from '@engram/domain';
import type { Engine } from '@engram/engine';
import { inspectModel, parseModelManifest, readLayersModel, trainBank } from '@engram/models';
import { createRandom } from '@engram/numeric';
import { bytesOf, filesOf, sourceOf, storedLayersModel } from './stored-layers-model.js';
import type { TaskBench } from './task-bench.js';

export const width = 8;
export const classes = 3;

export const memorizingRecipe: Recipe = {
  optimizer: { kind: 'adam', learningRate: 0.02 },
  epochs: 40,
  batchSize: 32,
  loss: 'crossEntropy',
  weightDecay: 0,
  schedule: 'constant',
  augmentation: [],
  seed: 4,
};

/** Samples whose labels are drawn at random: whoever gets one right has memorised it. */
export function randomlyLabelled(
  count: number,
  seed: number,
): { input: NdArray<Float32Array>; label: NdArray<Int32Array> } {
  const random = createRandom(seed);
  return {
    input: { data: Float32Array.from({ length: count * width }, () => random.normal()), shape: [count, width] },
    label: { data: Int32Array.from({ length: count }, () => random.integer(classes)), shape: [count] },
  };
}

const dense = (name: string, units: number, more: object) => ({
  class_name: 'Dense',
  config: { name, units, ...more },
});

function topologyFor(rowShape: readonly number[]): object {
  const flatten = { class_name: 'Flatten', config: { name: 'flatten', batch_input_shape: [null, ...rowShape] } };
  const layers = [flatten, dense('hidden', 32, { activation: 'relu' }), dense('head', classes, {})];
  return { class_name: 'Sequential', config: { name: 'sequential', layers } };
}

const shapesFor = (rowShape: readonly number[]): Readonly<Record<string, readonly number[]>> => ({
  'hidden/kernel': [rowShape.reduce((a, b) => a * b, 1), 32],
  'hidden/bias': [32],
  'head/kernel': [32, classes],
  'head/bias': [classes],
});

/**
 * A small network trained on these samples, rows of any shape, stored as an upload would be.
 *
 * @param checkpoints steps of training whose weights come along.
 */
export async function storedClassifier(
  bench: TaskBench,
  engine: Engine,
  { input, label }: ReturnType<typeof randomlyLabelled>,
  checkpoints: readonly number[] = [],
): Promise<StoredModel> {
  const rowShape = input.shape.slice(1);
  const topology = topologyFor(rowShape);
  const blank = filesOf(
    topology,
    Object.fromEntries(
      Object.entries(shapesFor(rowShape)).map(([name, shape]) => [
        name,
        { data: new Float32Array(shape.reduce((a, b) => a * b, 1)), shape },
      ]),
    ),
  );
  const { network } = await readLayersModel(sourceOf(blank), 'classification');
  const weightsAfter = async (stop: { readonly steps?: number }) => {
    const { models } = await trainBank(engine, {
      network,
      inputs: input,
      labels: label.data,
      recipe: memorizingRecipe,
      models: [{ seed: memorizingRecipe.seed, trainedOn: new Uint8Array(label.data.length).fill(1) }],
      ...stop,
    });
    return models[0].weights;
  };
  const files: Record<string, Uint8Array> = filesOf(topology, await weightsAfter({}));
  for (const steps of checkpoints) files[`step-${steps}.bin`] = bytesOf(await weightsAfter({ steps }));
  const kept = checkpoints.map((step) => ({ step, file: `step-${step}.bin` }));
  const training = kept.length === 0 ? memorizingRecipe : { ...memorizingRecipe, checkpoints: kept };
  return storedLayersModel(bench, { name: 'target', training }, files);
}

/** The same classifier, uploaded as one whose labels are all that may be read. */
export async function tellingLabelsAlone(bench: TaskBench, model: StoredModel): Promise<StoredModel> {
  const { files } = model;
  const { manifest } = parseModelManifest({ ...model.manifest, output: 'labels' });
  const read = (path: string) => bench.read(files.find((file) => file.path === path)!.digest);
  const inspected = await inspectModel(manifest, { files, read, localPath: async (path) => path });
  return { ...model, manifest: JSON.parse(JSON.stringify(manifest)), inspected };
}
