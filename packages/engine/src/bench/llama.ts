import type { Tensor } from '@tensorflow/tfjs';
import type { SessionSpec, StateSpec } from '../session/spec.js';
import type { TensorFlow } from '../tensorflow/backend.js';
import { noise } from './noise.js';

/** A Llama-shaped decoder of 135 million weights (the sizes of SmolLM-135M), embeddings tied. */
export const llama = {
  layers: 30,
  width: 576,
  heads: 9,
  keyHeads: 3,
  headWidth: 64,
  hidden: 1536,
  vocabulary: 49152,
} as const;
const { layers, width, heads, keyHeads, headWidth, hidden, vocabulary } = llama;

/** Multiplications and additions of one token scored, attention over `length` tokens included. */
export function llamaFlops(length: number): number {
  const perLayer = 2 * width * (width + keyHeads * headWidth) + 3 * width * hidden;
  return 2 * (layers * (perLayer + 2 * length * width) + width * vocabulary);
}

function weights(): Record<string, StateSpec> {
  const state: Record<string, StateSpec> = {};
  const matrix = (name: string, from: number, to: number) => {
    state[name] = { shape: [from, to], dtype: 'float32', initial: noise(from * to, 0.04, name.length) };
  };
  matrix('embeddings', vocabulary, width);
  for (let i = 0; i < layers; i++) {
    matrix(`q${i}`, width, width);
    matrix(`k${i}`, width, keyHeads * headWidth);
    matrix(`v${i}`, width, keyHeads * headWidth);
    matrix(`o${i}`, width, width);
    matrix(`gate${i}`, width, hidden);
    matrix(`up${i}`, width, hidden);
    matrix(`down${i}`, hidden, width);
    for (const norm of ['norm', 'mlpNorm'])
      state[`${norm}${i}`] = { shape: [width], dtype: 'float32', initial: new Float32Array(width).fill(1) };
  }
  state.finalNorm = { shape: [width], dtype: 'float32', initial: new Float32Array(width).fill(1) };
  return state;
}

/** Log-probabilities of given tokens: [batch, length] token ids in, [batch, length - 1] out. */
export function llamaSession(mode: 'recorded' | 'xla', batch: number, length: number): SessionSpec {
  return {
    name: 'llama',
    mode,
    state: weights(),
    programs: {
      score: {
        inputs: { tokens: { shape: [batch, length], dtype: 'int32' } },
        run: ({ tf, state, inputs, constant }) => {
          const angles = rotaryAngles(length);
          const cos = constant(angles.map(Math.cos), [length, 1, headWidth]);
          const sin = constant(angles.map(Math.sin), [length, 1, headWidth]);
          const mask = causalMask(tf, length);
          let x: Tensor = tf.reshape(tf.gather(state.embeddings!, tf.reshape(inputs.tokens!, [-1]) as never), [
            batch * length,
            width,
          ]);
          for (let i = 0; i < layers; i++) {
            x = tf.add(
              x,
              attention(tf, rmsNorm(tf, x, state[`norm${i}`]!), state, i, { batch, length, cos, sin, mask }),
            );
            const h = rmsNorm(tf, x, state[`mlpNorm${i}`]!);
            const gate = tf.matMul(h, state[`gate${i}`]!);
            const gated = tf.mul(tf.mul(gate, tf.sigmoid(gate)), tf.matMul(h, state[`up${i}`]!));
            x = tf.add(x, tf.matMul(gated, state[`down${i}`]!));
          }
          const logits = tf.matMul(rmsNorm(tf, x, state.finalNorm!), state.embeddings!, false, true);
          const byPosition = tf.reshape(logits, [batch, length, vocabulary]);
          const next = tf.slice(inputs.tokens!, [0, 1], [batch, length - 1]);
          const chosen = tf.gather(
            tf.reshape(tf.slice(byPosition, [0, 0, 0], [batch, length - 1, vocabulary]), [-1]),
            flatIndices(tf, next, batch * (length - 1)) as never,
          );
          const total = tf.logSumExp(tf.slice(byPosition, [0, 0, 0], [batch, length - 1, vocabulary]), 2);
          return { outputs: { logProbs: tf.sub(tf.reshape(chosen, [batch, length - 1]), total) } };
        },
      },
    },
  };
}

function flatIndices(tf: TensorFlow, tokens: Tensor, rows: number): Tensor {
  return tf.add(tf.reshape(tokens, [rows]), tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(vocabulary, 'int32')));
}

function rotaryAngles(length: number): Float32Array {
  return Float32Array.from({ length: length * headWidth }, (_, i) => {
    const [position, dimension] = [Math.floor(i / headWidth), i % (headWidth / 2)];
    return position / 10_000 ** ((2 * dimension) / headWidth);
  });
}

function causalMask(tf: TensorFlow, length: number): Tensor {
  const at = tf.range(0, length, 1, 'int32');
  const isLater = tf.greater(tf.reshape(at, [1, length]), tf.reshape(at, [length, 1]));
  return tf.mul(tf.cast(isLater, 'float32'), -1e9);
}

function rmsNorm(tf: TensorFlow, x: Tensor, weight: Tensor): Tensor {
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5))), weight);
}

interface Positions {
  readonly batch: number;
  readonly length: number;
  readonly cos: Tensor;
  readonly sin: Tensor;
  readonly mask: Tensor;
}

function attention(
  tf: TensorFlow,
  h: Tensor,
  state: Readonly<Record<string, Tensor>>,
  layer: number,
  { batch, length, cos, sin, mask }: Positions,
): Tensor {
  const split = (weight: string, count: number) =>
    tf.reshape(tf.matMul(h, state[`${weight}${layer}`]!), [batch, length, count, headWidth]);
  const rotate = (t: Tensor) => {
    const [first, second] = tf.split(t, 2, 3) as [Tensor, Tensor];
    return tf.add(tf.mul(t, cos), tf.mul(tf.concat([tf.neg(second), first], 3), sin));
  };
  // Queries that share a key head become rows of one product: [batch, keyHeads, group * length, headWidth].
  const group = heads / keyHeads;
  const q = tf.reshape(tf.transpose(rotate(split('q', heads)), [0, 2, 1, 3]), [
    batch,
    keyHeads,
    group * length,
    headWidth,
  ]);
  const k = tf.transpose(rotate(split('k', keyHeads)), [0, 2, 1, 3]);
  const v = tf.transpose(split('v', keyHeads), [0, 2, 1, 3]);
  const scores = tf.reshape(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(headWidth)), [
    batch,
    heads,
    length,
    length,
  ]);
  const weightsOf = tf.reshape(tf.softmax(tf.add(scores, mask)), [batch, keyHeads, group * length, length]);
  const mixed = tf.reshape(tf.matMul(weightsOf, v), [batch, heads, length, headWidth]);
  return tf.matMul(tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch * length, width]), state[`o${layer}`]!);
}
