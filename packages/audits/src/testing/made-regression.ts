import type { NdArray, Recipe, StoredModel } from '@engram/domain';
import { createRandom, ridge } from '@engram/numeric';
import { filesOf, storedLayersModel } from './stored-layers-model.js';
import type { TaskBench } from './task-bench.js';

export const columns = 60;

/** How reference models come close to the least-squares fit. */
export const leastSquaresRecipe: Recipe = {
  optimizer: { kind: 'adam', learningRate: 0.05 },
  epochs: 60,
  batchSize: 40,
  loss: 'meanSquaredError',
  weightDecay: 0,
  schedule: 'linear',
  augmentation: [],
  seed: 4,
};

export interface Measurements {
  readonly input: NdArray<Float32Array>;
  readonly target: NdArray<Float64Array>;
}

/** Gaussian samples; the target is their first column, and as much noise. */
export function measurements(count: number, seed: number): Measurements {
  const random = createRandom(seed);
  const input = Float32Array.from({ length: count * columns }, () => random.normal());
  const target = Float64Array.from({ length: count }, (_, i) => input[i * columns] + random.normal());
  return { input: { data: input, shape: [count, columns] }, target: { data: target, shape: [count] } };
}

/** The least-squares fit to these samples, one linear unit without bias, stored as an upload would be. */
export async function storedRegression(bench: TaskBench, { input, target }: Measurements): Promise<StoredModel> {
  const config = { name: 'unit', units: 1, use_bias: false, batch_input_shape: [null, columns] };
  const layers = [{ class_name: 'Dense', config }];
  const kernel = Float32Array.from(ridge(input, target.data, 0));
  const files = filesOf(
    { class_name: 'Sequential', config: { name: 'line', layers } },
    { 'unit/kernel': { data: kernel, shape: [columns, 1] } },
  );
  return storedLayersModel(bench, { name: 'line', task: 'regression', training: leastSquaresRecipe }, files);
}
