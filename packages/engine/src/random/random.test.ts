import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mode, Session } from '../session/spec.js';
import { testEngine } from '../testing/test-engine.js';

const engine = await testEngine();
const modes: readonly Mode[] = ['eager', 'recorded', 'xla'];

function draws(mode: Mode, seed?: number): Session {
  return engine.session({
    name: 'draws',
    mode,
    ...(seed === undefined ? {} : { seed }),
    programs: {
      draw: {
        inputs: { own: { shape: [2], dtype: 'int32' } },
        run({ tf, random, inputs }) {
          const own = random.from(inputs.own!);
          return {
            outputs: {
              uniform: random.uniform([4000], -1, 3),
              again: random.uniform([4000], -1, 3),
              normal: random.normal([4000], 2, 0.5),
              truncated: random.truncatedNormal([4000]),
              integers: random.integers([4000], 3, 8),
              dropped: random.dropout(tf.ones([40, 100]), 0.3),
              rows: random.dropout(tf.ones([40, 100]), 0.3, [40, 1]),
              own: own.uniform([5]),
            },
          };
        },
      },
    },
  });
}
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const run = (session: Session, options?: { seed: readonly [number, number] }) => {
  const drawn = session.run('draw', { own: [5, -6] }, options);
  return Object.fromEntries(Object.entries(drawn).map(([name, { data }]) => [name, [...data]]));
};

test('numbers have the distribution asked for', () => {
  const session = draws('recorded');
  const drawn = run(session);
  // Standard error of a mean of 4000: below 0.02 for all of these; five of them are allowed.
  assert.ok(Math.abs(mean(drawn.uniform!) - 1) < 0.1);
  assert.ok(drawn.uniform!.every((value) => value >= -1 && value < 3));
  assert.ok(Math.abs(mean(drawn.normal!) - 2) < 0.04);
  assert.ok(Math.abs(mean(drawn.normal!.map((v) => (v - 2) ** 2)) - 0.25) < 0.03);
  assert.ok(drawn.truncated!.every((value) => Math.abs(value) <= 2));
  assert.deepEqual([...new Set(drawn.integers)].sort(), [3, 4, 5, 6, 7]);
  assert.ok(Math.abs(mean(drawn.dropped!) - 1) < 0.06);
  assert.deepEqual([...new Set(drawn.dropped!.map((v) => v.toFixed(4)))].sort(), ['0.0000', (1 / 0.7).toFixed(4)]);
  assert.equal(new Set(drawn.rows!.slice(0, 100)).size, 1, 'a shared mask is one draw per row');
  session.dispose();
});

test('every mode draws the same numbers, other ones in the next run', () => {
  const sessions = modes.map((mode) => draws(mode, 11));
  const [first, ...others] = sessions.map((session) => [run(session), run(session)]);
  for (const other of others) assert.deepEqual(other, first);
  assert.notDeepEqual(first![0]!.uniform, first![1]!.uniform);
  assert.notDeepEqual(first![0]!.uniform, first![0]!.again, 'two draws of one run differ');
  assert.deepEqual(first![0]!.own, first![1]!.own, 'streams of a seed of their own do not depend on the run');
  for (const session of sessions) session.dispose();
});

test('a seed given to a run fixes it; the session seed fixes the sequence', () => {
  const [a, b, c] = [draws('recorded', 1), draws('recorded', 1), draws('recorded', 2)];
  assert.deepEqual(run(a!), run(b!));
  assert.notDeepEqual(run(a!).uniform, run(c!).uniform);
  const seed = [-7, 2 ** 31 - 1] as const;
  assert.deepEqual(run(a!, { seed }), run(c!, { seed }));
  for (const session of [a, b, c]) session!.dispose();
});

test('gradients pass through dropout where it kept a unit', () => {
  for (const mode of modes) {
    const session = engine.session({
      name: 'dropout',
      mode,
      programs: {
        grad: {
          inputs: { x: { shape: [50], dtype: 'float32' } },
          run({ tf, random, inputs }) {
            let kept = inputs.x!;
            const grad = tf.grad((x) => {
              kept = tf.keep(random.dropout(x, 0.5));
              return tf.sum(kept);
            })(inputs.x!);
            return { outputs: { kept, grad } };
          },
        },
      },
    });
    const { kept, grad } = session.run('grad', { x: new Float32Array(50).fill(1) });
    assert.deepEqual([...grad!.data], [...kept!.data], mode);
    session.dispose();
  }
  engine.tf.disposeVariables();
});
