import { npy } from '@engram/datasets/testing';
import { createRandom, ridge } from '@engram/numeric';
import type { Upload } from '../harness/client.js';

/** Samples of a regression problem. */
export interface Measurements {
  /** (count × width), row after row. */
  readonly inputs: Float32Array;
  readonly targets: Float64Array;
  readonly width: number;
}

/** How a line comes close to its least-squares fit by steps. */
export const recipe = {
  optimizer: { kind: 'adam', learningRate: 0.05 },
  epochs: 40,
  batchSize: 64,
  loss: 'meanSquaredError',
  schedule: 'linear',
  seed: 3,
} as const;

/** Gaussian inputs; the target is the first of them, and as much noise. */
export function measurements(count: number, seed: number, width: number): Measurements {
  const random = createRandom(seed);
  const inputs = Float32Array.from({ length: count * width }, () => random.normal());
  const targets = Float64Array.from({ length: count }, (_, i) => inputs[i * width]! + random.normal());
  return { inputs, targets, width };
}

export function measurementsUpload(name: string, { inputs, targets, width }: Measurements): Upload {
  return {
    manifest: { name, format: 'npy', fields: { input: { file: 'x.npy' }, target: { file: 'y.npy' } } },
    files: { 'x.npy': npy(inputs, [targets.length, width]), 'y.npy': npy(targets) },
  };
}

/** The least-squares line through the samples, as TensorFlow.js saves one linear unit; and its weights. */
export function fittedLine({ inputs, targets, width }: Measurements): Upload & { readonly weights: Float32Array } {
  const weights = Float32Array.from(ridge({ data: inputs, shape: [targets.length, width] }, targets, 0));
  const config = { name: 'unit', units: 1, use_bias: false, activation: 'linear', batch_input_shape: [null, width] };
  const layers = [{ class_name: 'Dense', config }];
  const document = {
    format: 'layers-model',
    modelTopology: { class_name: 'Sequential', config: { name: 'line', layers } },
    weightsManifest: [
      { paths: ['weights.bin'], weights: [{ name: 'unit/kernel', shape: [width, 1], dtype: 'float32' }] },
    ],
  };
  return {
    weights,
    manifest: { name: 'line', kind: 'tfjs-layers', task: 'regression', training: recipe },
    files: {
      'model.json': new TextEncoder().encode(JSON.stringify(document)),
      'weights.bin': new Uint8Array(weights.buffer),
    },
  };
}
