import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngramError } from '@engram/domain';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import { prepareOptimizer } from '../layers/prepare-optimizer.js';
import type { Program, SessionSpec } from '../session/spec.js';
import { testEngine, wave } from '../testing/test-engine.js';

const engine = await testEngine();
const { tf } = engine;

function record(run: Program['run'], more: Partial<SessionSpec> = {}) {
  const inputs = { x: { shape: [4], dtype: 'float32' as const } };
  return engine.session({ name: 'pitfall', mode: 'recorded', ...more, programs: { step: { inputs, run } } });
}

function refuses(run: Program['run'], message: RegExp, more: Partial<SessionSpec> = {}): void {
  const before = engine.tensorCount();
  const random = Math.random;
  assert.throws(
    () => record(run, more),
    (error: EngramError) => {
      assert.equal(error.code, 'ENG_PROGRAM_NOT_RECORDABLE', error.stack);
      assert.match(error.message, message);
      assert.ok(error.remedy !== undefined);
      return true;
    },
  );
  assert.equal(engine.tensorCount(), before, 'tensors left over');
  assert.equal(Math.random, random);
}

test('refuses to read a computed value while recording', () => {
  refuses(({ tf, inputs }) => {
    const norm = tf.norm(inputs.x!).dataSync()[0]!;
    return { outputs: { y: tf.div(inputs.x!, norm) } };
  }, /reads the value of/);
});

test('refuses a branch on a value of the state', () => {
  refuses(
    ({ tf, state, inputs }) => ({ outputs: { y: state.w!.arraySync() === 0 ? tf.neg(inputs.x!) : inputs.x! } }),
    /reads the value of ReadVariableOp/,
    { state: { w: { shape: [], dtype: 'float32' } } },
  );
});

test('refuses an asynchronous read while recording', () => {
  refuses(({ inputs }) => {
    inputs.x!.data().catch(() => undefined);
    return { outputs: { y: inputs.x! } };
  }, /reads the value of/);
});

test('reads of what JavaScript itself put into a tensor are allowed: they are the same in every run', () => {
  const session = record(({ tf, inputs }) => {
    const half = tf.scalar(0.5).dataSync()[0]!;
    return { outputs: { y: tf.mul(inputs.x!, half) } };
  });
  assert.deepEqual([...session.run('step', { x: [2, 4, 6, 8] }).y!.data], [1, 2, 3, 4]);
  session.dispose();
});

test('refuses random numbers drawn in JavaScript, of any size', () => {
  refuses(({ tf, inputs }) => ({ outputs: { y: tf.add(inputs.x!, tf.randomUniform([4])) } }), /random numbers/);
  refuses(({ tf, inputs }) => ({ outputs: { y: tf.dropout(inputs.x!, 0.5) } }), /random numbers/);
  refuses(({ tf, inputs }) => ({ outputs: { y: tf.mul(inputs.x!, Math.random()) } }), /random numbers/);
});

test('refuses tf.multinomial, which draws from a state of its own', () => {
  refuses(({ tf, inputs }) => ({ outputs: { y: tf.multinomial(inputs.x! as never, 2, 7) } }), /multinomial/);
});

test('refuses a large constant made inside a program', () => {
  refuses(
    ({ tf, inputs }) => ({ outputs: { y: tf.sum(tf.mul(tf.sum(inputs.x!), tf.tensor1d(wave(2000)))) } }),
    /shape \[2000\] from JavaScript values/,
  );
});

test('takes a large constant that is declared, and one whose elements are all equal', () => {
  const values = wave(2000);
  const session = record(({ tf, inputs, constant }) => ({
    outputs: {
      declared: tf.add(constant(values, [2000]), inputs.x!.slice(0, 1)),
      uniform: tf.add(tf.ones([3000]), inputs.x!.slice(0, 1)),
    },
  }));
  const { declared, uniform } = session.run('step', { x: [1, 0, 0, 0] });
  assert.equal(declared!.data[7], Math.fround(values[7]! + 1));
  assert.ok(uniform!.data.every((value) => value === 2));
  assert.ok(session.report.graphBytes < 20_000, 'equal elements are written once');
  session.dispose();
});

test('refuses a large tensor captured from outside and names where it belongs', () => {
  const captured = tf.tensor1d(wave(20_000));
  assert.throws(
    () => record(({ tf, inputs }) => ({ outputs: { y: tf.add(captured, tf.sum(inputs.x!)) } })),
    (error: EngramError) => error.code === 'ENG_PROGRAM_NOT_RECORDABLE' && /data.*state/.test(error.remedy ?? ''),
  );
  captured.dispose();
});

test('freezes a small tensor captured from outside as it is', () => {
  const captured = tf.tensor1d([1, 2, 3, 4]);
  const session = record(({ tf, inputs }) => ({ outputs: { y: tf.mul(captured, inputs.x!) } }));
  captured.dispose();
  assert.deepEqual([...session.run('step', { x: [1, 1, 2, 2] }).y!.data], [1, 2, 6, 8]);
  session.dispose();
});

test('refuses optimizer slots that would be born inside the recording, and takes prepared ones', () => {
  const w = tf.variable(tf.tensor1d([1, 2, 3, 4]), true, 'pitfall/w');
  const optimizer = tf.train.adam(0.1);
  const run: Program['run'] = ({ tf, inputs }) => {
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(tf.sub(w, inputs.x!))).asScalar(), [w]);
    optimizer.applyGradients(grads as Record<string, Variable>);
    return { outputs: { loss: value } };
  };
  assert.throws(
    () => record(run),
    (error: EngramError) => error.code === 'ENG_PROGRAM_NOT_RECORDABLE' && /prepareOptimizer/.test(error.remedy ?? ''),
  );
  assert.deepEqual([...w.dataSync()], [1, 2, 3, 4]);
  const fresh = tf.train.adam(0.1);
  prepareOptimizer(tf, fresh, [w]);
  const session = record(({ tf, inputs }) => {
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(tf.sub(w, inputs.x!))).asScalar(), [w]);
    fresh.applyGradients(grads as Record<string, Variable>);
    return { outputs: { loss: value } };
  });
  const first = session.run('step', { x: [0, 0, 0, 0] }).loss!.data[0]!;
  const second = session.run('step', { x: [0, 0, 0, 0] }).loss!.data[0]!;
  assert.equal(first, 30);
  assert.ok(second < first);
  assert.deepEqual([...w.dataSync()], [1, 2, 3, 4], 'the tf.Variable itself is as it was');
  assert.ok(session.stateNames.includes('pitfall/w'));
  session.dispose();
  fresh.dispose();
  w.dispose();
});

test('a tf.Variable that a program assigns keeps its value after recording', () => {
  const counter = tf.variable(tf.scalar(5), false, 'pitfall/counter');
  const session = record(({ tf }) => {
    counter.assign(tf.add(counter, 1) as never);
    return { outputs: { counter } };
  });
  assert.deepEqual(counter.dataSync()[0], 5);
  assert.deepEqual(
    [1, 2, 3].map(() => session.run('step', { x: [0, 0, 0, 0] }).counter!.data[0]),
    [6, 7, 8],
  );
  session.dispose();
  counter.dispose();
});

test('refuses a next value of another shape or type, and one without a variable', () => {
  const state = { w: { shape: [4], dtype: 'float32' as const } };
  refuses(({ tf, inputs }) => ({ state: { w: tf.sum(inputs.x!) } }), /next value of w is float32 \[\]/, { state });
  refuses(({ tf, inputs }) => ({ state: { w: tf.cast(inputs.x!, 'int32') } }), /next value of w is int32/, { state });
  refuses(({ inputs }) => ({ state: { v: inputs.x! } }), /not a variable of the session/, { state });
});

test('an index beyond the data fails the run and leaves the session usable', () => {
  const session = engine.session({
    name: 'gather',
    mode: 'recorded',
    data: { x: { data: wave(10), shape: [5, 2] } },
    programs: {
      take: {
        inputs: { rows: { shape: [2], dtype: 'int32' } },
        run: ({ tf, data, inputs }) => ({ outputs: { y: tf.gather(data.x!, inputs.rows! as never) } }),
      },
    },
  });
  assert.throws(() => session.run('take', { rows: [0, 5] }), /5 is not in \[0, 5\)/);
  assert.equal(session.run('take', { rows: [4, 0] }).y!.data[2], wave(10)[0]);
  session.dispose();
});

test('an alias in another shape is the same value', () => {
  const session = record(({ tf, inputs }) => {
    const square = inputs.x!.reshape([2, 2]);
    const flat: Tensor = square.clone().flatten();
    return { outputs: { y: tf.add(flat, inputs.x!), z: square.as1D() } };
  });
  const { y, z } = session.run('step', { x: [1, 2, 3, 4] });
  assert.deepEqual([...y!.data], [2, 4, 6, 8]);
  assert.deepEqual([...z!.data], [1, 2, 3, 4]);
  session.dispose();
});

test('a program that throws leaves the backend as it was', () => {
  assert.throws(
    () =>
      record(() => {
        throw new TypeError('of the program');
      }),
    TypeError,
  );
  assert.deepEqual([...tf.add([1], [2]).dataSync()], [3]);
  assert.equal(
    tf.tidy(() => tf.randomUniform([3]).dataSync().length),
    3,
  );
});
