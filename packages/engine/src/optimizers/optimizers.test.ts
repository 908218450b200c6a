import { test } from 'node:test';
import type { NdArray } from '@engram/domain';
import type { Optimizer, Tensor, Variable } from '@tensorflow/tfjs';
import { prepareOptimizer } from '../layers/prepare-optimizer.js';
import type { Mode } from '../session/spec.js';
import { assertAllClose, assertClose, testEngine, wave } from '../testing/test-engine.js';
import { adam, adamw } from './adam.js';
import { momentum, sgd } from './sgd.js';
import type { UpdateRule } from './update-rule.js';

const engine = await testEngine();
const { tf } = engine;

const start = [0.5, -1.25, 2, 0.1];
const gradients = [
  [0.1, -0.2, 0.3, 0],
  [0.4, 0.1, -0.5, 1e-3],
  [-0.2, 0.3, 0.1, -1e-3],
];

/** The weights after the three gradients, by a rule in a mode. */
function updated(rule: UpdateRule, mode: Mode): NdArray {
  const params = { w: { shape: [4], dtype: 'float32' as const } };
  const session = engine.session({
    name: 'update',
    mode,
    state: { w: { ...params.w, initial: start }, ...rule.slots(params) },
    programs: {
      step: {
        inputs: { grad: params.w, rate: { shape: [], dtype: 'float32' } },
        run({ tf, state, inputs }) {
          const next = rule.update(tf, {
            params: { w: state.w! },
            grads: { w: inputs.grad! },
            slots: state,
            learningRate: inputs.rate!,
          });
          return { state: { ...next.params, ...next.slots } };
        },
      },
    },
  });
  for (const grad of gradients) session.run('step', { grad, rate: 0.1 });
  const { w } = session.readState(['w']);
  session.dispose();
  return w!;
}

/**
 * PyTorch 2.15.0 on the same weights and gradients: torch.optim.X([w], lr=0.1, ...) and three steps, printed with nine
 * digits. Float32 on both sides: a few units in the last place.
 */
const pytorch: readonly (readonly [string, UpdateRule, readonly number[]])[] = [
  ['SGD with an L2 penalty', sgd({ weightDecay: 0.01 }), [0.468561471, -1.26628375, 2.00401592, 0.0997003987]],
  ['SGD with momentum', momentum({ momentum: 0.9 }), [0.416900009, -1.24479997, 2.00370002, 0.0999099985]],
  [
    'SGD with Nesterov momentum and an L2 penalty',
    momentum({ momentum: 0.9, nesterov: true, weightDecay: 0.05 }),
    [0.376496106, -1.21629322, 1.93417072, 0.0959309936],
  ],
  ['Adam', adam(), [0.277952433, -1.16230524, 1.94091702, 0.0301055461]],
  ['Adam with an L2 penalty', adam({ weightDecay: 0.1 }), [0.262954086, -1.0652982, 1.84186494, -0.0769683421]],
  ['AdamW', adamw({ weightDecay: 0.1 }), [0.26597631, -1.12743533, 1.88321149, 0.0278795753]],
];
for (const [name, rule, expected] of pytorch) {
  test(`updates as PyTorch's ${name} in every mode`, () => {
    for (const mode of ['eager', 'recorded', 'xla'] as const) {
      assertClose(updated(rule, mode), { data: Float32Array.from(expected), shape: [4] }, 3e-6, mode);
    }
  });
}

const train: readonly (readonly [string, UpdateRule, () => Optimizer])[] = [
  ['sgd', sgd(), () => tf.train.sgd(0.1)],
  ['momentum', momentum({ momentum: 0.9 }), () => tf.train.momentum(0.1, 0.9)],
  ['momentum with Nesterov', momentum({ momentum: 0.9, nesterov: true }), () => tf.train.momentum(0.1, 0.9, true)],
  ['adam', adam({ epsilon: 1e-7 }), () => tf.train.adam(0.1, 0.9, 0.999, 1e-7)],
];
for (const [name, rule, make] of train) {
  test(`updates as tf.train.${name}`, () => {
    const w = tf.variable(tf.tensor1d(start), true, 'update/w');
    const optimizer = make();
    for (const grad of gradients) tf.tidy(() => optimizer.applyGradients({ 'update/w': tf.tensor1d(grad) as never }));
    const expected = { data: w.dataSync() as Float32Array, shape: [4] };
    w.dispose();
    assertClose(updated(rule, 'eager'), expected, 1e-6, name);
  });
}

test('a schedule needs no new recording: the learning rate is an input', () => {
  const rule = sgd();
  const session = engine.session({
    name: 'schedule',
    mode: 'recorded',
    state: { w: { shape: [1], dtype: 'float32' } },
    programs: {
      step: {
        inputs: { rate: { shape: [], dtype: 'float32' } },
        run: ({ tf, state, inputs }) => ({
          state: rule.update(tf, {
            params: { w: state.w! },
            grads: { w: tf.onesLike(state.w!) },
            slots: {},
            learningRate: inputs.rate!,
          }).params,
        }),
      },
    },
  });
  for (const rate of [1, 0.5, 0.25]) session.run('step', { rate });
  assertClose(session.readState().w!, { data: Float32Array.of(-1.75), shape: [1] }, 0, 'w');
  session.dispose();
});

const recordable: readonly (readonly [string, () => Optimizer])[] = [
  ['sgd', () => tf.train.sgd(0.1)],
  ['momentum', () => tf.train.momentum(0.1, 0.9, true)],
  ['adagrad', () => tf.train.adagrad(0.1)],
  ['adadelta', () => tf.train.adadelta(0.5)],
  ['adam', () => tf.train.adam(0.1)],
  ['adamax', () => tf.train.adamax(0.1, 0.9, 0.999, 1e-7, 0.1)],
  ['rmsprop', () => tf.train.rmsprop(0.1, 0.9, 0.5)],
  ['rmsprop, centered', () => tf.train.rmsprop(0.01, 0.9, 0, 1e-7, true)],
];
for (const [name, make] of recordable) {
  test(`tf.train.${name} trains the same recorded, with XLA and eagerly`, () => {
    const run = (mode: Mode) => {
      const weights = [
        tf.variable(tf.tensor2d(wave(12), [4, 3]), true, 'train/kernel'),
        tf.variable(tf.tensor1d([0.1, 0.2, 0.3]), true, 'train/bias'),
      ] as Variable[];
      const optimizer = make();
      prepareOptimizer(tf, optimizer, weights);
      const session = engine.session({
        name: 'train',
        mode,
        programs: {
          step: {
            inputs: { x: { shape: [5, 4], dtype: 'float32' } },
            run({ tf, inputs }) {
              const { value, grads } = tf.variableGrads(
                () => tf.mean(tf.square(tf.add(tf.matMul(inputs.x!, weights[0]! as Tensor), weights[1]!))).asScalar(),
                weights,
              );
              optimizer.applyGradients(grads as Record<string, Variable>);
              return { outputs: { loss: value } };
            },
          },
        },
      });
      const losses = Object.fromEntries(
        [0, 1, 2, 3, 4].map((i) => [`${i}`, session.run('step', { x: wave(20, 1, i * 20) }).loss!]),
      );
      const state = session.readState(['train/kernel', 'train/bias']);
      session.dispose();
      for (const variable of weights) variable.dispose();
      return { losses, state };
    };
    const eager = run('eager');
    for (const [mode, tolerance] of [
      ['recorded', 1e-6],
      ['xla', 2e-5],
    ] as const) {
      const other = run(mode);
      assertAllClose(other.losses, eager.losses, tolerance, mode);
      assertAllClose(other.state, eager.state, tolerance, mode);
    }
  });
}
