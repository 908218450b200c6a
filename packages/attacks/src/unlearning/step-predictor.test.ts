import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@engram/numeric';
import { fitStepPredictor } from './step-predictor.js';

const random = createRandom(5);
const difficulty = Float64Array.from({ length: 500 }, () => Math.exp(2 * random.normal()));
const steps = difficulty.map((d) => Math.max(0, 1000 + 300 * Math.log(d) + 200 * random.normal()));

test('predicts more steps for harder samples, with the range of their bin', () => {
  const predictor = fitStepPredictor({ difficulty, steps, correlation: { low: 0.6, high: 0.9 } })!;
  const [easy, middle, hard] = [1e-3, 1, 1e3].map((d) => predictor.predict(d));
  assert.ok(easy.steps < middle.steps && middle.steps < hard.steps);
  assert.deepEqual([easy.bin, middle.bin, hard.bin], [0, 2, 4]);
  assert.ok(Math.abs(middle.steps - 1000) < 100);
  for (const { low, high } of [easy, middle, hard]) assert.ok(low < high);
});

test('never predicts fewer steps for a harder sample', () => {
  const noisy = steps.map(() => 1000 + 500 * random.normal());
  const predictor = fitStepPredictor({ difficulty, steps: noisy, correlation: { low: 0.01, high: 0.2 } })!;
  let last = -Infinity;
  for (let d = 1e-3; d < 1e3; d *= 1.5) {
    const predicted = predictor.predict(d).steps;
    assert.ok(predicted >= last);
    last = predicted;
  }
});

test('gives no prediction when the correlation may be 0', () => {
  assert.equal(fitStepPredictor({ difficulty, steps, correlation: { low: -0.1, high: 0.4 } }), null);
  assert.equal(fitStepPredictor({ difficulty, steps, correlation: { low: Number.NaN, high: Number.NaN } }), null);
});
