import { test } from 'node:test';
import type { Tensor } from '@tensorflow/tfjs';
import type { Mode } from '../session/spec.js';
import { assertAllClose, testEngine, wave } from '../testing/test-engine.js';

const engine = await testEngine();
const { tf } = engine;

type Loss = (labels: Tensor, predictions: Tensor) => Tensor;

/** Labels are one-hot rows, predictions any numbers; `probabilities` puts them through a softmax first. */
const losses: readonly (readonly [string, Loss, 'logits' | 'probabilities'])[] = [
  ['tf.losses.absoluteDifference', (y, p) => tf.losses.absoluteDifference(y, p), 'logits'],
  ['tf.losses.meanSquaredError', (y, p) => tf.losses.meanSquaredError(y, p), 'logits'],
  ['tf.losses.huberLoss', (y, p) => tf.losses.huberLoss(y, p), 'logits'],
  ['tf.losses.hingeLoss', (y, p) => tf.losses.hingeLoss(y, p), 'logits'],
  ['tf.losses.logLoss', (y, p) => tf.losses.logLoss(y, p), 'probabilities'],
  ['tf.losses.cosineDistance', (y, p) => tf.losses.cosineDistance(y, p, 1), 'logits'],
  ['tf.losses.sigmoidCrossEntropy', (y, p) => tf.losses.sigmoidCrossEntropy(y, p), 'logits'],
  [
    'tf.losses.sigmoidCrossEntropy, smoothed',
    (y, p) => tf.losses.sigmoidCrossEntropy(y as never, p as never, undefined, 0.1),
    'logits',
  ],
  ['tf.losses.softmaxCrossEntropy', (y, p) => tf.losses.softmaxCrossEntropy(y, p), 'logits'],
  [
    'tf.losses.softmaxCrossEntropy, smoothed',
    (y, p) => tf.losses.softmaxCrossEntropy(y as never, p as never, undefined, 0.1),
    'logits',
  ],
  ['tf.metrics.categoricalCrossentropy', (y, p) => tf.metrics.categoricalCrossentropy(y, p), 'probabilities'],
  ['tf.metrics.binaryCrossentropy', (y, p) => tf.metrics.binaryCrossentropy(y, p), 'probabilities'],
  ['tf.metrics.meanAbsolutePercentageError', (y, p) => tf.metrics.meanAbsolutePercentageError(y, p), 'logits'],
  ['tf.metrics.cosineProximity', (y, p) => tf.metrics.cosineProximity(y, p), 'logits'],
  ['log-softmax gathered by label', (y, p) => tf.neg(tf.sum(tf.mul(tf.logSoftmax(p), y), 1)), 'logits'],
  ['logSumExp margin', (y, p) => tf.sub(tf.logSumExp(p, 1), tf.sum(tf.mul(p, y), 1)), 'logits'],
];
const labels = Float32Array.from({ length: 24 }, (_, i) => (i % 4 === Math.floor(i / 4) % 4 ? 1 : 0));

for (const [name, loss, kind] of losses) {
  test(`the same value and gradient recorded, with XLA and eagerly: ${name}`, () => {
    const run = (mode: Mode) => {
      const session = engine.session({
        name: 'loss',
        mode,
        programs: {
          loss: {
            inputs: { y: { shape: [6, 4], dtype: 'float32' }, p: { shape: [6, 4], dtype: 'float32' } },
            run({ tf, inputs }) {
              const of = (p: Tensor) => tf.sum(loss(inputs.y!, kind === 'probabilities' ? tf.softmax(p) : p));
              const { value, grad } = tf.valueAndGrad(of)(inputs.p!);
              return { outputs: { value: value as Tensor, grad: grad as Tensor } };
            },
          },
        },
      });
      const result = session.run('loss', { y: labels, p: wave(24, 3) });
      session.dispose();
      return result;
    };
    const eager = run('eager');
    assertAllClose(run('recorded'), eager, 1e-6, 'recorded');
    assertAllClose(run('xla'), eager, 2e-5, 'xla');
  });
}
