import type { Tensor } from '@tensorflow/tfjs';
import { dtypeNumber } from '../graph/dtypes.js';
import { attributeMaker, type NativeBackend, type TensorFlow } from '../tensorflow/backend.js';

/**
 * Random tensors from TensorFlow's stateless generators (Philox), with the seed as a tensor: the same numbers eagerly,
 * recorded and with XLA, other numbers in the next run. Every call within a run is a stream of its own.
 *
 * XLA would draw other numbers, twenty times slower on a CPU (measured); so these operations, and what they rest on, stay
 * outside what it compiles (`graph/emit-program.ts`).
 */
export interface Random {
  /** In [low, high). */
  uniform(shape: readonly number[], low?: number, high?: number): Tensor;
  normal(shape: readonly number[], mean?: number, standardDeviation?: number): Tensor;
  /** Normal, drawn again where further than two standard deviations from the mean. */
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

/**
 * @param seed (2) int32.
 */
export function randomFrom(tf: TensorFlow, backend: NativeBackend, seed: Tensor): Random {
  const attribute = attributeMaker(backend);
  let calls = 0;

  function draw(
    op: string,
    shape: readonly number[],
    dtype: 'float32' | 'int32',
    bounds: readonly number[] = [],
  ): Tensor {
    calls += 1;
    const stream = tf.add(seed, tf.tensor1d([Math.imul(calls, streamStride), 0], 'int32'));
    return backend.executeSingleOutput(
      op,
      [
        attribute.type('dtype', dtypeNumber(dtype)),
        attribute.type('T', dtypeNumber('int32')),
        attribute.type('Tseed', dtypeNumber('int32')),
      ],
      [tf.tensor1d([...shape], 'int32'), stream, ...bounds.map((bound) => tf.scalar(bound, 'int32'))],
    );
  }

  const random: Random = {
    uniform(shape, low = 0, high = 1) {
      const unit = draw('StatelessRandomUniform', shape, 'float32');
      return low === 0 && high === 1 ? unit : tf.add(tf.mul(unit, high - low), low);
    },
    normal(shape, mean = 0, standardDeviation = 1) {
      const unit = draw('StatelessRandomNormal', shape, 'float32');
      return mean === 0 && standardDeviation === 1 ? unit : tf.add(tf.mul(unit, standardDeviation), mean);
    },
    truncatedNormal(shape, mean = 0, standardDeviation = 1) {
      const unit = draw('StatelessTruncatedNormal', shape, 'float32');
      return tf.add(tf.mul(unit, standardDeviation), mean);
    },
    integers(shape, low, high) {
      return draw('StatelessRandomUniformInt', shape, 'int32', [low, high]);
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
