import type { Tensor } from '../tensors.js';
import { sizeOf } from './initializers.js';
import type { LayerCall } from './layer.js';

/**
 * Squared per-sample gradient norms of a linear map applied at T positions, weight (p, q) and optional bias (q).
 * One position: the product of two norms. Several: through Gram matrices of size T × T, or through the explicit
 * per-sample gradient, whichever is cheaper. The explicit gradient exists in both cases only inside the graph.
 *
 * @param inputs (…lead, T, p); gradient (…lead, T, q) of the summed loss at the map's output.
 * @returns (…lead)
 * @see per-sample gradient norms without per-sample gradients: Goodfellow 2015; with positions: Li et al. 2022.
 */
export function linearSquaredNorms(call: LayerCall, inputs: Tensor, gradient: Tensor, hasBias: boolean): Tensor {
  const { tf, lead } = call;
  const [positions, p] = inputs.shape.slice(-2) as [number, number];
  const q = gradient.shape.at(-1)!;
  const samples = sizeOf(lead);
  const a = tf.reshape(inputs, [samples, positions, p]); // (n, T, p)
  const b = tf.reshape(gradient, [samples, positions, q]); // (n, T, q)
  const weight =
    positions === 1
      ? tf.mul(tf.sum(tf.square(a), [1, 2]), tf.sum(tf.square(b), [1, 2]))
      : positions * (p + q) < p * q
        ? tf.sum(tf.mul(tf.matMul(a, a, false, true), tf.matMul(b, b, false, true)), [1, 2])
        : tf.sum(tf.square(tf.matMul(a, b, true, false)), [1, 2]);
  const total = hasBias ? tf.add(weight, tf.sum(tf.square(tf.sum(b, 1)), 1)) : weight;
  return tf.reshape(total, [...lead]);
}

/** Squared per-sample gradient norms of a scale and a shift per channel, from normalised inputs (…lead, T, channels). */
export function scaleShiftSquaredNorms(
  call: LayerCall,
  normalised: Tensor,
  gradient: Tensor,
  has: { readonly scale: boolean; readonly shift: boolean },
): Tensor {
  const { tf, lead } = call;
  const channels = gradient.shape.at(-1)!;
  const samples = sizeOf(lead);
  const x = tf.reshape(normalised, [samples, -1, channels]);
  const b = tf.reshape(gradient, [samples, -1, channels]);
  const scale = has.scale ? tf.sum(tf.square(tf.sum(tf.mul(x, b), 1)), 1) : tf.zeros([samples]);
  const shift = has.shift ? tf.sum(tf.square(tf.sum(b, 1)), 1) : tf.zeros([samples]);
  return tf.reshape(tf.add(scale, shift), [...lead]);
}
