import { createRandom } from '@engram/numeric';
import type { Upload } from '../harness/client.js';
import type { Samples } from './blobs.js';

const units = 32;
const learningRate = 0.02;

/** How {@link trainedClassifier} trains: Adam over the whole set at once, so that batches have no order. */
export const recipe = {
  optimizer: { kind: 'adam', learningRate },
  epochs: 120,
  batchSize: 1024,
  loss: 'crossEntropy',
  seed: 3,
} as const;

/** A TensorFlow.js layers model of one hidden layer that was trained on these samples, by arithmetic written out. */
export function trainedClassifier(samples: Samples, epochs: number = recipe.epochs): Upload {
  const { width, classes } = samples;
  const weights = initialWeights(width, classes);
  const step = adam(weights);
  for (let epoch = 0; epoch < epochs; epoch += 1) step(gradients(weights, samples));
  return {
    manifest: {
      name: 'blobs',
      kind: 'tfjs-layers',
      task: 'classification',
      output: 'logits',
      training: recipe,
    },
    files: layersModelFiles(weights, width, classes),
  };
}

interface Weights {
  /** (width, units), (units), (units, classes), (classes). */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly head: Float32Array;
  readonly headBias: Float32Array;
}

function initialWeights(width: number, classes: number): Weights {
  const random = createRandom(recipe.seed);
  const draw = (rows: number, columns: number) =>
    Float32Array.from({ length: rows * columns }, () => random.normal() / Math.sqrt(rows));
  return {
    kernel: draw(width, units),
    bias: new Float32Array(units),
    head: draw(units, classes),
    headBias: new Float32Array(classes),
  };
}

/** Of the mean cross-entropy. */
function gradients(weights: Weights, { inputs, labels, width, classes }: Samples): Weights {
  const sums: Weights = {
    kernel: new Float32Array(width * units),
    bias: new Float32Array(units),
    head: new Float32Array(units * classes),
    headBias: new Float32Array(classes),
  };
  const hidden = new Float64Array(units);
  const logits = new Float64Array(classes);
  for (let i = 0; i < labels.length; i += 1) {
    for (let u = 0; u < units; u += 1) {
      let sum = weights.bias[u]!;
      for (let x = 0; x < width; x += 1) sum += inputs[i * width + x]! * weights.kernel[x * units + u]!;
      hidden[u] = Math.max(0, sum);
    }
    for (let c = 0; c < classes; c += 1) {
      let sum = weights.headBias[c]!;
      for (let u = 0; u < units; u += 1) sum += hidden[u]! * weights.head[u * classes + c]!;
      logits[c] = sum;
    }
    const highest = Math.max(...logits);
    const total = logits.reduce((sum, value) => sum + Math.exp(value - highest), 0);
    const errors = Array.from(
      logits,
      (value, c) => (Math.exp(value - highest) / total - (labels[i] === c ? 1 : 0)) / labels.length,
    );
    errors.forEach((error, c) => {
      sums.headBias[c]! += error;
      for (let u = 0; u < units; u += 1) sums.head[u * classes + c]! += hidden[u]! * error;
    });
    for (let u = 0; u < units; u += 1) {
      if (hidden[u] === 0) continue;
      const error = errors.reduce((sum, each, c) => sum + each * weights.head[u * classes + c]!, 0);
      sums.bias[u]! += error;
      for (let x = 0; x < width; x += 1) sums.kernel[x * units + u]! += inputs[i * width + x]! * error;
    }
  }
  return sums;
}

/** Adam with its usual constants; changes the weights in place. */
function adam(weights: Weights): (gradients: Weights) => void {
  const names = Object.keys(weights) as (keyof Weights)[];
  const moments = names.map((name) => [new Float64Array(weights[name].length), new Float64Array(weights[name].length)]);
  let steps = 0;
  return (gradients) => {
    steps += 1;
    const [first, second] = [1 - 0.9 ** steps, 1 - 0.999 ** steps];
    names.forEach((name, at) => {
      const [mean, square] = moments[at] as [Float64Array, Float64Array];
      gradients[name].forEach((gradient, i) => {
        mean[i] = 0.9 * mean[i]! + 0.1 * gradient;
        square[i] = 0.999 * square[i]! + 0.001 * gradient * gradient;
        weights[name][i]! -= (learningRate * (mean[i]! / first)) / (Math.sqrt(square[i]! / second) + 1e-7);
      });
    });
  };
}

/** The two files TensorFlow.js saves a model as. */
function layersModelFiles(weights: Weights, width: number, classes: number): Record<string, Uint8Array> {
  const dense = (name: string, config: object) => ({
    class_name: 'Dense',
    config: { name, trainable: true, dtype: 'float32', use_bias: true, ...config },
  });
  const layers = [
    dense('hidden', { units, activation: 'relu', batch_input_shape: [null, width] }),
    dense('head', { units: classes, activation: 'linear' }),
  ];
  const saved = [
    { name: 'hidden/kernel', shape: [width, units], data: weights.kernel },
    { name: 'hidden/bias', shape: [units], data: weights.bias },
    { name: 'head/kernel', shape: [units, classes], data: weights.head },
    { name: 'head/bias', shape: [classes], data: weights.headBias },
  ];
  const document = {
    format: 'layers-model',
    modelTopology: { class_name: 'Sequential', config: { name: 'sequential', layers } },
    weightsManifest: [
      { paths: ['weights.bin'], weights: saved.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) },
    ],
  };
  return {
    'model.json': new TextEncoder().encode(JSON.stringify(document)),
    'weights.bin': Buffer.concat(saved.map(({ data }) => new Uint8Array(data.buffer))),
  };
}
