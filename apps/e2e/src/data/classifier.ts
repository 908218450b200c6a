import { createRandom } from '@engram/numeric';
import type { Upload } from '../harness/client.js';
import type { Samples } from './blobs.js';

const defaultUnits = 32;
const learningRate = 0.02;

/** How {@link trainedClassifier} trains: Adam over the whole set at once, so that batches have no order. */
export const recipe = {
  optimizer: { kind: 'adam', learningRate },
  epochs: 120,
  batchSize: 1024,
  loss: 'crossEntropy',
  seed: 3,
} as const;

export interface ClassifierOptions {
  readonly epochs?: number;
  /** Of the hidden layer. */
  readonly units?: number;
  /** Of one sample, when it is not a row of numbers: as many numbers as `width`. */
  readonly shape?: readonly number[];
  /** Epochs after which the weights come along as checkpoints. */
  readonly checkpoints?: readonly number[];
  /** Of the initial weights. */
  readonly seed?: number;
}

/** A TensorFlow.js layers model of one hidden layer that was trained on these samples, by arithmetic written out. */
export function trainedClassifier(samples: Samples, options: ClassifierOptions = {}): Upload {
  const { checkpoints = [] } = options;
  const files: Record<string, Uint8Array> = {};
  const weights = trainedWeights(samples, options, (epoch, now) => {
    if (checkpoints.includes(epoch)) files[`step-${epoch}.bin`] = bytesOf(now);
  });
  const kept = checkpoints.map((epoch) => ({ step: epoch, file: `step-${epoch}.bin` }));
  const training = kept.length === 0 ? recipe : { ...recipe, checkpoints: kept };
  const upload = classifierUpload(weights, samples, { ...options, training });
  return { ...upload, files: { ...upload.files, ...files } };
}

/** The weights alone, for a model in another format. */
export function trainedWeights(
  samples: Samples,
  { epochs = recipe.epochs, units = defaultUnits, seed = recipe.seed }: ClassifierOptions = {},
  afterEpoch: (epoch: number, weights: Weights) => void = () => {},
): Weights {
  const weights = initialWeights(samples.width, samples.classes, units, seed);
  const step = adam(weights);
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    step(gradients(weights, samples));
    afterEpoch(epoch, weights);
  }
  return weights;
}

/** As `model.save` would leave it, with the manifest to upload it by. */
export function classifierUpload(
  weights: Weights,
  { width, classes }: Pick<Samples, 'width' | 'classes'>,
  { shape = [width], training }: ClassifierOptions & { readonly training: object },
): Upload {
  return {
    manifest: { name: 'blobs', kind: 'tfjs-layers', task: 'classification', output: 'logits', training },
    files: layersModelFiles(weights, classes, shape),
  };
}

export interface Weights {
  /** (width, units), (units), (units, classes), (classes). */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly head: Float32Array;
  readonly headBias: Float32Array;
}

function initialWeights(width: number, classes: number, units: number, seed: number): Weights {
  const random = createRandom(seed);
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
  const units = weights.bias.length;
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
function layersModelFiles(weights: Weights, classes: number, shape: readonly number[]): Record<string, Uint8Array> {
  const units = weights.bias.length;
  const dense = (name: string, config: object) => ({
    class_name: 'Dense',
    config: { name, trainable: true, dtype: 'float32', use_bias: true, ...config },
  });
  const input = { batch_input_shape: [null, ...shape] };
  const hidden = (config: object) => dense('hidden', { units, activation: 'relu', ...config });
  const first =
    shape.length === 1
      ? [hidden(input)]
      : [{ class_name: 'Flatten', config: { name: 'flatten', dtype: 'float32', ...input } }, hidden({})];
  const layers = [...first, dense('head', { units: classes, activation: 'linear' })];
  const saved = [
    { name: 'hidden/kernel', shape: [weights.kernel.length / units, units] },
    { name: 'hidden/bias', shape: [units] },
    { name: 'head/kernel', shape: [units, classes] },
    { name: 'head/bias', shape: [classes] },
  ];
  const document = {
    format: 'layers-model',
    modelTopology: { class_name: 'Sequential', config: { name: 'sequential', layers } },
    weightsManifest: [{ paths: ['weights.bin'], weights: saved.map((weight) => ({ ...weight, dtype: 'float32' })) }],
  };
  return {
    'model.json': new TextEncoder().encode(JSON.stringify(document)),
    'weights.bin': bytesOf(weights),
  };
}

/** All weights after one another, in the order of the manifest. */
function bytesOf({ kernel, bias, head, headBias }: Weights): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      [kernel, bias, head, headBias].map(
        ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
      ),
    ),
  );
}
