import { sizeOf } from '../network/initializers.js';
import type { Network, NetworkTask } from '../network/network.js';
import type { Tensor, Tf } from '../tensors.js';

/**
 * What outputs are held against.
 *
 * @param labels (…lead) classes as int32, or targets as float32.
 * @returns (…lead, classes) one-hot rows, or (…lead, 1) targets.
 */
export function truthOf(tf: Tf, network: Network, labels: Tensor, lead: readonly number[]): Tensor {
  const count = sizeOf(lead);
  const shape = [...lead, network.outputCount];
  if (network.task === 'regression') return tf.reshape(labels, shape);
  return tf.reshape(tf.cast(tf.oneHot(tf.reshape(labels, [count]), network.outputCount), 'float32'), shape);
}

/**
 * Loss of each sample (…lead): cross-entropy from logits, or squared error.
 *
 * @param outputs (…lead, classes or 1), truth of the same shape.
 */
export function sampleLosses(tf: Tf, task: NetworkTask, outputs: Tensor, truth: Tensor): Tensor {
  switch (task) {
    case 'classification':
      return tf.neg(tf.sum(tf.mul(tf.logSoftmax(outputs, -1), truth), -1));
    case 'regression':
      return tf.sum(tf.square(tf.sub(outputs, truth)), -1);
  }
}
