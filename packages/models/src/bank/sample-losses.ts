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

/**
 * What per-sample gradients are taken of when they are recorded (…lead): of a classification not the loss itself, whose
 * gradient p − y is lost in float32 once the other classes together have less than 1e-7 (the difference rounds) or 1e-19
 * (its square is zero), but something whose gradient by the outputs is (p − y) / (1 − p_y), of norm 1 to √2 always.
 * `errorScale` holds the factor left out. Of a regression, the squared error.
 */
export function recordedLosses(tf: Tf, task: NetworkTask, outputs: Tensor, truth: Tensor): Tensor {
  if (task === 'regression') return sampleLosses(tf, task, outputs, truth);
  const along = tf.customGrad((z, save) => {
    const given = z as Tensor;
    // The other classes' probabilities among themselves: (p − y) / (1 − p_y) is these less one at the class itself.
    const direction = tf.sub(tf.softmax(tf.sub(given, tf.mul(truth, 1e30)), -1), truth);
    (save as (kept: Tensor[]) => void)([direction]);
    return {
      value: tf.sum(tf.mul(given, direction), -1),
      gradFunc: (upstream: Tensor, [kept]: Tensor[]) => tf.mul(tf.expandDims(upstream, -1), kept!),
    };
  });
  return along(outputs);
}

/** What the gradient norm of `recordedLosses` is to be multiplied with, by the loss itself (float64): 1 − p_y of a classification. */
export function errorScale(task: NetworkTask, loss: number): number {
  return task === 'regression' ? 1 : -Math.expm1(-loss);
}
