// Fashion-MNIST and a small convolutional network that overfits it.
import { gunzipSync } from 'node:zlib';
import { readShared } from './shared-data.mjs';

export const name = 'fashion CNN';
export const classes = 10;
export const inputShape = [28, 28, 1];
/** Members, judged non-members, non-members to calibrate on: half of all is what the target saw. */
export const sizes = { members: 4500, nonMembers: 3000, calibration: 1500 };
export const recipe = {
  optimizer: { kind: 'adam', learningRate: 0.001 },
  epochs: 25,
  batchSize: 64,
  loss: 'crossEntropy',
  seed: 3,
};

/** Every image there is with its label, pixels in [0, 1]. */
export function samples() {
  return ['train-first10000', 't10k'].flatMap((part) => {
    const pixels = gunzipSync(readShared('fashion-mnist', `${part}-images-idx3-ubyte.gz`)).subarray(16);
    const labels = gunzipSync(readShared('fashion-mnist', `${part}-labels-idx1-ubyte.gz`)).subarray(8);
    return Array.from(labels, (label, i) => ({
      input: Float32Array.from(pixels.subarray(784 * i, 784 * (i + 1)), (value) => value / 255),
      label,
    }));
  });
}

export function layers(tf) {
  const seeded = (seed) => ({ kernelInitializer: tf.initializers.heNormal({ seed }) });
  return [
    tf.layers.conv2d({ inputShape, filters: 16, kernelSize: 3, activation: 'relu', padding: 'same', ...seeded(1) }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', padding: 'same', ...seeded(2) }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 64, activation: 'relu', ...seeded(3) }),
    tf.layers.dense({ units: classes, ...seeded(4) }),
  ];
}
