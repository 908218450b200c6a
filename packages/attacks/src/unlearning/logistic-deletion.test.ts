import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, logisticRegressionL2 } from '@engram/numeric';
import { logisticDeletion } from './logistic-deletion.js';

const p = 4;
const penalty = 1;

function fit(data: Float64Array, labels: readonly number[]): Float64Array {
  const features = { data, shape: [labels.length, p] };
  return logisticRegressionL2(features, labels, { penalty, intercept: false, tolerance: 1e-11 }).weights;
}

function distance(a: Float64Array, b: Float64Array): number {
  return Math.hypot(...a.map((value, j) => value - b[j]));
}

test('a Newton step on the retained samples comes closer than the influence step, and at second order', () => {
  const random = createRandom(3);
  const sizes = [100, 400, 1600];
  const newtonErrors = sizes.map((n) => {
    let [newton, influence, change] = [0, 0, 0];
    for (let draw = 0; draw < 20; draw += 1) {
      const data = Float64Array.from({ length: n * p }, () => random.normal());
      const labels = Array.from({ length: n }, (_, i) =>
        random.uniform() < 1 / (1 + Math.exp(-data[i * p] - data[i * p + 1])) ? 1 : 0,
      );
      const weights = fit(data, labels);
      const retrained = fit(data.slice(p), labels.slice(1));
      const features = { data, shape: [n, p] };
      newton += distance(logisticDeletion(features, labels, penalty, weights, [0]), retrained);
      influence += distance(logisticDeletion(features, labels, penalty, weights, [0], 'all'), retrained);
      change += distance(weights, retrained);
    }
    assert.ok(newton < influence && influence < change, `${newton} ${influence} ${change} at ${n}`);
    return newton;
  });
  // Error about n^-1.8; the change itself is n^-1.
  const slope = Math.log(newtonErrors[2] / newtonErrors[0]) / Math.log(16);
  assert.ok(slope <= -1.4, String(slope));
});
