import type { Tensor } from '@tensorflow/tfjs';
import { dtypeNumber } from '../graph/dtypes.js';
import { attributeMaker, type NativeBackend, type TensorFlow } from '../tensorflow/backend.js';

/**
 * Random tensors from TensorFlow's stateless generators (Philox), with the seed as a tensor: the same numbers eagerly,
 * recorded and with XLA (normals within rounding), other numbers in the next run. Every call within a run is a stream of
 * its own.
 */
export interface Random {
  /** In [low, high). */
  uniform(shape: readonly number[], low?: number, high?: number): Tensor;
  normal(shape: readonly number[], mean?: number, standardDeviation?: number): Tensor;
  /** Normal given that it is within two standard deviations of the mean. */
  truncatedNormal(shape: readonly number[], mean?: number, standardDeviation?: number): Tensor;
  /** Whole numbers in [low, high), int32. */
  integers(shape: readonly number[], low: number, high: number): Tensor;
  /** Zero with probability `rate`, the rest scaled by 1 / (1 - rate); `maskShape` broadcasts (1 where one draw is shared). */
  dropout<T extends Tensor>(x: T, rate: number, maskShape?: readonly number[]): T;
  /** Streams fixed by a seed tensor of the program's own, (2) int32; for models side by side with a seed each. */
  from(seed: Tensor): Random;
}

/** Odd, so that the streams of one seed only repeat after 2^32 calls: 2^32 divided by the golden ratio. */
const streamStride = 0x9e3779b1 | 0;

/** Uniform numbers are multiples of its inverse: what a float32 holds exactly. */
const unitSteps = 2 ** 24;
/** Probability of a normal number within two standard deviations. */
const withinTwoDeviations = 0.9544997361036416;

/**
 * @param seed (2) int32.
 */
export function randomFrom(tf: TensorFlow, backend: NativeBackend, seed: Tensor): Random {
  const attribute = attributeMaker(backend);
  let calls = 0;

  /** Whole numbers in [0, range): the generators' integers agree in every mode, their floats do not. */
  function draw(shape: readonly number[], low: number, high: number): Tensor {
    calls += 1;
    const stream = tf.add(seed, tf.tensor1d([Math.imul(calls, streamStride), 0], 'int32'));
    return backend.executeSingleOutput(
      'StatelessRandomUniformInt',
      [
        attribute.type('dtype', dtypeNumber('int32')),
        attribute.type('T', dtypeNumber('int32')),
        attribute.type('Tseed', dtypeNumber('int32')),
      ],
      [tf.tensor1d([...shape], 'int32'), stream, tf.scalar(low, 'int32'), tf.scalar(high, 'int32')],
    );
  }
  /** In (-1, 1), symmetric, neither end included. */
  function symmetric(shape: readonly number[]): Tensor {
    return tf.sub(tf.mul(tf.add(tf.cast(draw(shape, 0, unitSteps), 'float32'), 0.5), 2 / unitSteps), 1);
  }
  /** The standard normal quantile of (1 + x) / 2. */
  function normalAt(x: Tensor): Tensor {
    const quantile = backend.executeSingleOutput('Erfinv', [attribute.type('T', dtypeNumber('float32'))], [x]);
    return tf.mul(quantile, Math.SQRT2);
  }

  const random: Random = {
    uniform(shape, low = 0, high = 1) {
      const unit = tf.mul(tf.cast(draw(shape, 0, unitSteps), 'float32'), 1 / unitSteps);
      return low === 0 && high === 1 ? unit : tf.add(tf.mul(unit, high - low), low);
    },
    normal(shape, mean = 0, standardDeviation = 1) {
      const unit = normalAt(symmetric(shape));
      return mean === 0 && standardDeviation === 1 ? unit : tf.add(tf.mul(unit, standardDeviation), mean);
    },
    truncatedNormal(shape, mean = 0, standardDeviation = 1) {
      const unit = normalAt(tf.mul(symmetric(shape), withinTwoDeviations));
      return tf.add(tf.mul(unit, standardDeviation), mean);
    },
    integers(shape, low, high) {
      return draw(shape, low, high);
    },
    dropout(x, rate, maskShape = x.shape) {
      if (rate === 0) return x;
      const kept = tf.cast(tf.greaterEqual(random.uniform(maskShape), rate), 'float32');
      return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
    },
    from(other) {
      return randomFrom(tf, backend, other);
    },
  };
  return random;
}
