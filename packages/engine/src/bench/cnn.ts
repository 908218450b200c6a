import type { LayersModel, Variable } from '@tensorflow/tfjs';
import { prepareOptimizer } from '../layers/prepare-optimizer.js';
import type { SessionSpec } from '../session/spec.js';
import type { TensorFlow } from '../tensorflow/backend.js';
import { noise } from './noise.js';

export const cnnRows = 2000;

/** Two convolutions with pooling, two dense layers, as a tf.layers model. */
export function cnnModel(tf: TensorFlow): LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 128, activation: 'relu' }),
      tf.layers.dense({ units: 10 }),
    ],
  });
}

const conv1 = 26 * 26 * 32 * 9;
const conv2 = 11 * 11 * 64 * 9 * 32;
const dense = 1600 * 128 + 128 * 10;
export const cnnFlops = 2 * (3 * (conv1 + conv2 + dense) - conv1);

/** Training step with tf.train.adam, whose variables the session captures. */
export function cnnSession(tf: TensorFlow, mode: 'recorded' | 'xla', batch: number): SessionSpec {
  const model = cnnModel(tf);
  const optimizer = tf.train.adam(1e-3);
  const weights = model.trainableWeights.map((weight) => weight.read() as Variable);
  prepareOptimizer(tf, optimizer, weights);
  return {
    name: 'cnn',
    mode,
    data: {
      x: { data: noise(cnnRows * 784, 1, 3), shape: [cnnRows, 28, 28, 1] },
      y: { data: Int32Array.from({ length: cnnRows }, (_, i) => i % 10), shape: [cnnRows] },
    },
    programs: {
      step: {
        inputs: { rows: { shape: [batch], dtype: 'int32' } },
        run({ tf, data, inputs }) {
          const x = tf.gather(data.x!, inputs.rows! as never);
          const y = tf.oneHot(tf.gather(data.y!, inputs.rows! as never), 10);
          const { value, grads } = tf.variableGrads(
            () => tf.losses.softmaxCrossEntropy(y, model.apply(x, { training: true }) as never).asScalar(),
            weights,
          );
          optimizer.applyGradients(grads as Record<string, Variable>);
          return { outputs: { loss: value } };
        },
      },
    },
  };
}
