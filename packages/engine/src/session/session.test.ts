import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import type { EngramError } from '@engram/domain';
import type { NativeBackend } from '../tensorflow/backend.js';
import { assertAllClose, assertClose, testEngine, wave } from '../testing/test-engine.js';
import { openGraphSession } from './graph-session.js';
import type { Mode, SessionSpec } from './spec.js';

const engine = await testEngine();
const modes: readonly Mode[] = ['eager', 'recorded', 'xla'];

/** Two programs over one weight and one counter, with data gathered by index. */
function spec(mode: Mode): SessionSpec {
  return {
    name: 'regression',
    mode,
    state: { w: { shape: [3, 1], dtype: 'float32', initial: [1, 0, -1] }, steps: { shape: [], dtype: 'int32' } },
    data: { x: { data: wave(60), shape: [20, 3] }, y: { data: wave(20, 1, 7), shape: [20, 1] } },
    programs: {
      step: {
        inputs: { rows: { shape: [4], dtype: 'int32' }, rate: { shape: [], dtype: 'float32' } },
        run({ tf, state, data, inputs }) {
          const x = tf.gather(data.x!, inputs.rows! as never);
          const y = tf.gather(data.y!, inputs.rows! as never);
          const { value, grads } = tf.valueAndGrads((w) => tf.mean(tf.square(tf.sub(tf.matMul(x, w!), y))))([state.w!]);
          return {
            state: {
              w: tf.sub(state.w!, tf.mul(inputs.rate!, grads[0]!)),
              steps: tf.add(state.steps!, tf.scalar(1, 'int32')),
            },
            outputs: { loss: value },
          };
        },
      },
      predict: {
        inputs: { x: { shape: [2, 3], dtype: 'float32' } },
        run: ({ tf, state, inputs }) => ({ outputs: { y: tf.matMul(inputs.x!, state.w!) } }),
      },
    },
  };
}

for (const mode of modes) {
  test(`programs of a session see each other's state: ${mode}`, () => {
    const before = engine.tensorCount();
    const session = engine.session(spec(mode));
    assert.deepEqual([...session.run('predict', { x: [1, 0, 0, 0, 0, 1] }).y!.data], [1, -1]);
    session.run('step', { rows: [0, 1, 2, 3], rate: 0.1 });
    const { w } = session.readState(['w']);
    const { y } = session.run('predict', { x: [1, 0, 0, 0, 0, 1] });
    assert.deepEqual([...y!.data], [w!.data[0], w!.data[2]]);
    assert.notEqual(w!.data[0], 1);
    session.dispose();
    session.dispose();
    assert.equal(engine.tensorCount(), before, 'tensors left over');
  });

  test(`written state is read back and is what the next run starts from: ${mode}`, () => {
    const session = engine.session(spec(mode));
    const w = Float32Array.from([2, 3, 4]);
    session.writeState({ w, steps: 41 });
    w.fill(0);
    assert.deepEqual([...session.readState(['w']).w!.data], [2, 3, 4]);
    session.run('step', { rows: [0, 0, 0, 0], rate: 0 });
    const state = session.readState();
    assert.deepEqual([...state.w!.data], [2, 3, 4]);
    assert.deepEqual([...state.steps!.data], [42]);
    assert.deepEqual([...session.stateNames], ['w', 'steps']);
    session.dispose();
  });

  test(`an array that was read does not change with later steps: ${mode}`, () => {
    const session = engine.session(spec(mode));
    const { w } = session.readState(['w']);
    const copy = [...w!.data];
    session.run('step', { rows: [1, 2, 3, 4], rate: 0.5 });
    assert.deepEqual([...w!.data], copy);
    session.dispose();
  });

  test(`an input that becomes state is a copy of its own: ${mode}`, () => {
    const session = engine.session({
      name: 'keep',
      mode,
      state: { kept: { shape: [4096], dtype: 'float32' } },
      programs: {
        keep: {
          inputs: { x: { shape: [4096], dtype: 'float32' } },
          run: ({ inputs }) => ({ state: { kept: inputs.x!.reshape([64, 64]).flatten() } }),
        },
      },
    });
    const x = wave(4096);
    const expected = x.slice();
    session.run('keep', { x });
    x.fill(-1);
    assert.deepEqual(session.readState().kept!.data, expected);
    session.dispose();
  });

  test(`states can be exchanged in one step: ${mode}`, () => {
    const session = engine.session({
      name: 'swap',
      mode,
      state: {
        a: { shape: [2], dtype: 'float32', initial: [1, 2] },
        b: { shape: [2], dtype: 'float32', initial: [3, 4] },
      },
      programs: {
        swap: { inputs: {}, run: ({ state }) => ({ state: { a: state.b!, b: state.a! }, outputs: { was: state.a! } }) },
      },
    });
    assert.deepEqual([...session.run('swap').was!.data], [1, 2]);
    const { a, b } = session.readState();
    assert.deepEqual([...a!.data, ...b!.data], [3, 4, 1, 2]);
    session.dispose();
  });

  test(`inputs of another size, missing inputs and unknown names are told apart: ${mode}`, () => {
    const session = engine.session(spec(mode));
    const code = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return (error as EngramError).code;
      }
      return 'none';
    };
    const before = engine.tensorCount();
    assert.equal(
      code(() => session.run('step', { rows: [0, 1, 2], rate: 0.1 })),
      'ENG_SHAPE_MISMATCH',
    );
    assert.equal(
      code(() => session.run('predict', { x: { data: new Float32Array(6), shape: [3, 2] } })),
      'ENG_SHAPE_MISMATCH',
    );
    assert.equal(
      code(() => session.run('step', { rows: [0, 1, 2, 3] })),
      'ENG_REQUEST_INVALID',
    );
    assert.equal(
      code(() => session.run('train')),
      'ENG_REQUEST_INVALID',
    );
    assert.equal(
      code(() => session.readState(['v'])),
      'ENG_REQUEST_INVALID',
    );
    assert.equal(
      code(() => session.writeState({ v: 1 })),
      'ENG_REQUEST_INVALID',
    );
    assert.equal(
      code(() => session.writeState({ w: [1, 2] })),
      'ENG_SHAPE_MISMATCH',
    );
    assert.equal(engine.tensorCount(), before, 'tensors left over');
    session.dispose();
    assert.equal(
      code(() => session.run('predict', { x: [1, 0, 0, 0, 0, 1] })),
      'ENG_INTERNAL',
    );
  });
}

test('recorded runs equal eager ones bit for bit, XLA within rounding, over a hundred steps', () => {
  const [eager, recorded, xla] = modes.map((mode) => {
    const session = engine.session(spec(mode));
    const losses = Array.from({ length: 100 }, (_, i) =>
      session.run('step', { rows: [i % 20, (i * 7) % 20, (i * 3) % 20, (i * 11) % 20], rate: 0.1 }),
    );
    const state = session.readState();
    session.dispose();
    return { losses, state };
  });
  eager!.losses.forEach((loss, i) => {
    assertAllClose(recorded!.losses[i]!, loss, 1e-7, `recorded step ${i}`);
    assertAllClose(xla!.losses[i]!, loss, 1e-5, `xla step ${i}`);
  });
  assertAllClose(recorded!.state, eager!.state, 1e-7, 'recorded');
  assertAllClose(xla!.state, eager!.state, 1e-5, 'xla');
});

test('several steps unrolled in one call are the steps one by one', () => {
  const rows = Int32Array.from({ length: 24 }, (_, i) => (i * 5) % 20);
  const single = engine.session(spec('recorded'));
  const losses: number[] = [];
  for (let i = 0; i < 6; i++) {
    losses.push(single.run('step', { rows: rows.subarray(4 * i, 4 * i + 4), rate: 0.1 }).loss!.data[0]!);
  }
  const { step } = spec('recorded').programs;
  for (const mode of ['recorded', 'xla'] as const) {
    const unrolled = engine.session({
      ...spec(mode),
      programs: {
        steps: {
          inputs: { rows: { shape: [6, 4], dtype: 'int32' }, rate: { shape: [], dtype: 'float32' } },
          run(context) {
            const { tf, inputs } = context;
            let state = context.state;
            const each = [];
            for (const batch of tf.unstack(inputs.rows!)) {
              const result = step!.run({ ...context, state, inputs: { ...inputs, rows: batch } });
              state = { ...state, ...result.state };
              each.push(result.outputs!.loss!);
            }
            return { state, outputs: { losses: tf.stack(each) } };
          },
        },
      },
    });
    const got = unrolled.run('steps', { rows, rate: 0.1 }).losses!;
    assertClose(got, { data: Float32Array.from(losses), shape: [6] }, 1e-5, mode);
    assertAllClose(unrolled.readState(), single.readState(), 1e-5, mode);
    unrolled.dispose();
  }
  single.dispose();
});

test('the rule takes XLA without convolution and the plain graph with one, and says why', () => {
  const session = engine.session({
    name: 'rule',
    mode: 'auto',
    programs: {
      dense: {
        inputs: { x: { shape: [2, 3], dtype: 'float32' } },
        run: ({ tf, inputs }) => ({ outputs: { y: tf.matMul(inputs.x!, inputs.x!, false, true) } }),
      },
      convolution: {
        inputs: { x: { shape: [1, 4, 4, 1], dtype: 'float32' } },
        run: ({ tf, inputs }) => ({ outputs: { y: tf.conv2d(inputs.x! as never, tf.ones([2, 2, 1, 1]), 1, 'same') } }),
      },
      overridden: {
        mode: 'recorded',
        inputs: { x: { shape: [2, 3], dtype: 'float32' } },
        run: ({ tf, inputs }) => ({ outputs: { y: tf.exp(inputs.x!) } }),
      },
      dynamic: {
        inputs: { x: { shape: [4], dtype: 'float32' } },
        run: ({ tf, inputs }) => ({ outputs: { y: tf.unique(inputs.x!).values } }),
      },
    },
  });
  const { programs } = session.report;
  assert.deepEqual(
    Object.entries(programs).map(([name, { mode }]) => [name, mode]),
    [
      ['dense', 'xla'],
      ['convolution', 'recorded'],
      ['overridden', 'recorded'],
      ['dynamic', 'recorded'],
    ],
  );
  assert.match(programs.convolution!.why, /Conv2D/);
  assert.deepEqual([...session.run('dynamic', { x: [3, 1, 3, 1] }).y!.data], [3, 1]);
  assert.equal(session.run('convolution', { x: wave(16) }).y!.data.length, 16);
  session.dispose();
});

test('an operation XLA cannot compile stays outside its clusters when XLA is asked for', () => {
  const session = engine.session({
    name: 'clusters',
    mode: 'xla',
    programs: {
      dynamic: {
        inputs: { x: { shape: [4], dtype: 'float32' } },
        run: ({ tf, inputs }) => ({ outputs: { y: tf.unique(tf.square(inputs.x!)).values } }),
      },
    },
  });
  assert.deepEqual([...session.run('dynamic', { x: [3, -1, -3, 1] }).y!.data], [9, 1]);
  session.dispose();
});

test('weights are not in the graph: its size does not depend on theirs', () => {
  const bytes = [10, 500].map((size) => {
    const session = engine.session({
      name: 'size',
      mode: 'recorded',
      state: { w: { shape: [size, size], dtype: 'float32', initial: wave(size * size) } },
      data: { x: { data: wave(size * size), shape: [size, size] } },
      programs: {
        run: { inputs: {}, run: ({ tf, state, data }) => ({ outputs: { y: tf.sum(tf.matMul(state.w!, data.x!)) } }) },
      },
    });
    const { graphBytes } = session.report;
    session.dispose();
    return graphBytes;
  });
  assert.ok(Math.abs(bytes[0]! - bytes[1]!) < 50, `${bytes}`);
  assert.ok(bytes[1]! < 10_000);
});

test('reports the library, the device and the threads', () => {
  const { info } = engine;
  assert.match(info.libraryVersion, /^2\.\d+\.\d+/);
  assert.equal(info.device, 'cpu');
  assert.equal(info.threads, 2);
  assert.equal(info.deterministic, true);
  assert.deepEqual(JSON.parse(JSON.stringify(info)), info);
});

test('closing the engine disposes the sessions that are open', async () => {
  const other = await testEngine();
  const session = other.session(spec('recorded'));
  other.close();
  assert.throws(() => session.readState(), /disposed/);
});

test('asking for a GPU where there is none says what to do', async () => {
  const { openEngine } = await import('../engine.js');
  await assert.rejects(
    openEngine({ device: 'cuda' }),
    (error: EngramError) =>
      error.code === 'ENG_NATIVE_LIBRARY_MISSING' && /ENGRAM_DEVICE=cuda/.test(error.remedy ?? ''),
  );
});

test('the form used on a GPU, which keeps int32 variables out of compiled code, computes the same', () => {
  const { tf } = engine;
  const backend = tf.backend() as unknown as NativeBackend;
  const options = { tf, backend, device: 'cuda', mode: 'auto', scratchDir: tmpdir() } as const;
  const onGpu = openGraphSession(options, spec('auto'));
  const recorded = engine.session(spec('recorded'));
  assert.deepEqual(
    Object.values(onGpu.report.programs).map(({ mode }) => mode),
    ['xla', 'xla'],
  );
  for (let i = 0; i < 5; i++) {
    const inputs = { rows: [i, i + 1, 2 * i, 3], rate: 0.1 };
    assertAllClose(onGpu.run('step', inputs), recorded.run('step', inputs), 1e-5, `step ${i}`);
  }
  assertAllClose(onGpu.readState(), recorded.readState(), 1e-5, 'state');
  assert.equal(onGpu.readState().steps!.data[0], 5);
  onGpu.dispose();
  recorded.dispose();
});

test('a second engine of the process cannot ask for other threads', async () => {
  const { openEngine } = await import('../engine.js');
  await assert.rejects(openEngine({ threads: 7 }), (error: EngramError) => error.code === 'ENG_REQUEST_INVALID');
});
