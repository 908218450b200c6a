import { test } from 'node:test';
import type { Tensor } from '@tensorflow/tfjs';
import fc from 'fast-check';
import type { Mode, Program } from '../session/spec.js';
import type { TensorFlow } from '../tensorflow/backend.js';
import { assertAllClose, testEngine, wave } from '../testing/test-engine.js';

const engine = await testEngine();

/** Operations on matrices that keep values near one, so that differences of rounding do not grow. */
const operations: Readonly<Record<string, (tf: TensorFlow, a: Tensor, b: Tensor) => Tensor>> = {
  add: (tf, a, b) => tf.add(a, b),
  sub: (tf, a, b) => tf.sub(a, b),
  mul: (tf, a, b) => tf.mul(tf.tanh(a), b),
  div: (tf, a, b) => tf.div(a, tf.add(tf.square(b), 1)),
  maximum: (tf, a, b) => tf.maximum(a, b),
  where: (tf, a, b) => tf.where(tf.greater(a, b), tf.mul(a, 0.5), b),
  matMul: (tf, a, b) => tf.tanh(tf.matMul(a, b)),
  transposedMatMul: (tf, a, b) => tf.tanh(tf.matMul(a, b, true, true)),
  sigmoid: (tf, a) => tf.sigmoid(a),
  relu: (tf, a) => tf.relu(a),
  softmax: (tf, a) => tf.softmax(a),
  logSoftmax: (tf, a) => tf.div(tf.logSoftmax(a), 4),
  exp: (tf, a) => tf.exp(tf.neg(tf.abs(a))),
  log: (tf, a) => tf.log1p(tf.square(a)),
  transpose: (tf, a) => tf.transpose(a),
  reshape: (tf, a) => tf.reshape(tf.reshape(a, [2, 8]), [4, 4]),
  slice: (tf, a, b) => tf.concat([a.slice([0, 0], [2, 4]), b.slice([2, 0], [2, 4])]),
  columns: (tf, a, b) => tf.stack([...tf.unstack(a, 1).slice(0, 2), ...tf.unstack(b, 1).slice(2)], 1),
  split: (tf, a) => tf.concat(tf.split(a, 2, 1).reverse(), 1),
  rows: (tf, a, b) => tf.add(tf.mean(a, 0, true), b),
  sum: (tf, a, b) => tf.add(tf.div(tf.sum(a, 1, true), 4), b),
  max: (tf, a, b) => tf.sub(b, tf.max(a, 1, true)),
  moments: (tf, a) => {
    const { mean, variance } = tf.moments(a, 1, true);
    return tf.mul(tf.sub(a, mean), tf.rsqrt(tf.add(variance, 1)));
  },
  gather: (tf, a) => tf.gather(a, tf.tensor1d([3, 1, 0, 1], 'int32')),
  pad: (_, a) =>
    a
      .pad([
        [1, 0],
        [0, 1],
      ])
      .slice([0, 0], [4, 4]),
  tile: (tf, a) => tf.tile(a.slice([0, 0], [2, 4]), [2, 1]),
  oneHot: (tf, a) => tf.add(a, tf.oneHot(tf.argMax(a, 1), 4)),
  cumsum: (tf, a) => tf.div(tf.cumsum(a, 1), 4),
  reverse: (_, a) => a.reverse(0),
  clip: (tf, a) => tf.clipByValue(a, -0.7, 0.7),
  batched: (tf, a, b) =>
    tf.reshape(tf.tanh(tf.matMul(a.reshape([2, 2, 4]), b.reshape([2, 4, 2]))), [2, 4]).tile([2, 1]),
  einsum: (tf, a, b) => tf.tanh(tf.einsum('ij,kj->ik', a, b)),
};
const names = [...Object.keys(operations), 'dropout'];

/** A program: each line takes two earlier values (by distance) through an operation. */
const programs = fc.array(fc.record({ op: fc.constantFrom(...names), a: fc.nat(5), b: fc.nat(5) }), {
  minLength: 1,
  maxLength: 12,
});

function programOf(lines: readonly { op: string; a: number; b: number }[]): Program {
  return {
    inputs: { x: { shape: [4, 4], dtype: 'float32' } },
    run({ tf, state, inputs, random }) {
      const compute = (w: Tensor): Tensor => {
        const values: Tensor[] = [inputs.x!, w];
        for (const { op, a, b } of lines) {
          const at = (back: number) => values[values.length - 1 - (back % values.length)]!;
          values.push(op === 'dropout' ? random.dropout(at(a), 0.3) : operations[op]!(tf, at(a), at(b)));
        }
        return tf.mean(tf.mul(values.at(-1)!, tf.add(w, 0.1)));
      };
      const { value, grads } = tf.valueAndGrads((w) => compute(w!))([state.w!]);
      return { state: { w: tf.sub(state.w!, tf.mul(grads[0]!, 0.5)) }, outputs: { value } };
    },
  };
}

function run(lines: readonly { op: string; a: number; b: number }[], mode: Mode) {
  const session = engine.session({
    name: 'random program',
    mode,
    state: { w: { shape: [4, 4], dtype: 'float32', initial: wave(16) } },
    programs: { step: programOf(lines) },
  });
  const outputs = [0, 1].map((i) => session.run('step', { x: wave(16, 1, i * 16) }).value!);
  const { w } = session.readState();
  session.dispose();
  return { first: outputs[0]!, second: outputs[1]!, w: w! };
}

test('random programs with their gradients compute the same recorded as eagerly', () => {
  fc.assert(
    fc.property(programs, (lines) => {
      assertAllClose(run(lines, 'recorded'), run(lines, 'eager'), 2e-6, 'recorded');
    }),
    { seed: 20240607, numRuns: 80 },
  );
});

test('random programs with their gradients compute the same with XLA as eagerly', () => {
  fc.assert(
    fc.property(programs, (lines) => {
      assertAllClose(run(lines, 'xla'), run(lines, 'eager'), 2e-4, 'xla');
    }),
    { seed: 20240608, numRuns: 25 },
  );
});

for (const name of names) {
  test(`${name} computes the same in every mode`, () => {
    const lines = [
      { op: name, a: 0, b: 1 },
      { op: name, a: 1, b: 0 },
    ];
    const eager = run(lines, 'eager');
    assertAllClose(run(lines, 'recorded'), eager, 1e-6, 'recorded');
    assertAllClose(run(lines, 'xla'), eager, 5e-5, 'xla');
  });
}

test('no tensor is left over by any of these', () => {
  if (engine.tensorCount() !== 0) throw new Error(`${engine.tensorCount()} tensors left over`);
});
