import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@engram/numeric';
import { toySignals } from '../toy-signals.js';
import { tunedSlope } from './tuned-slope.js';

/** Pairs of models; a sample is likely by p_out where a model did not train on it, and by a p_out + 1 - a where it did. */
function bankWithSlope(a: number, models: number, n: number) {
  const random = createRandom(31);
  const trainedOn = new Uint8Array(models * n);
  for (let pair = 0; pair < models / 2; pair += 1)
    for (let i = 0; i < n; i += 1) trainedOn[(2 * pair + random.integer(2)) * n + i] = 1;
  const ease = Float64Array.from({ length: n }, () => 0.02 + 0.96 * random.uniform());
  const loss = Float64Array.from(trainedOn, (mark, at) => {
    const p = ease[at % n];
    const noise = 1 + 0.05 * random.normal();
    return -Math.log(Math.min(0.999, (mark === 1 ? a * p + 1 - a : p) * noise));
  });
  return { models, trainedOn, loss };
}

test('finds a small slope where training makes every sample likely, and a large one where it changes little', () => {
  // The ratio p / ((1 + a) p_out / 2 + (1 - a) / 2) separates best where p_in = a p_out + 1 - a is the truth.
  const [steep, flat] = [0.1, 0.9].map((a) => tunedSlope(bankWithSlope(a, 4, 2000), 1));
  assert.ok(steep < 0.4, `${steep}`);
  assert.ok(flat > 0.6, `${flat}`);
});

test('is the usual one where no reference can stand in for the target', () => {
  const { reference } = toySignals(50, 2, 1);
  assert.equal(tunedSlope(reference, 1), 0.3);
  const four = toySignals(50, 4, 1).reference;
  assert.equal(tunedSlope({ ...four, trainedOn: new Uint8Array(200) }, 1), 0.3);
});

test('depends on the references alone, in whatever order', () => {
  const bank = bankWithSlope(0.5, 4, 500);
  const half = 2 * 500;
  const turned = structuredClone(bank);
  turned.loss.set([...bank.loss.subarray(half), ...bank.loss.subarray(0, half)]);
  turned.trainedOn.set([...bank.trainedOn.subarray(half), ...bank.trainedOn.subarray(0, half)]);
  assert.equal(tunedSlope(turned, 1), tunedSlope(bank, 1));
});
