import assert from 'node:assert/strict';
import { test } from 'node:test';
import { integrate } from '@engram/numeric';
import { gaussianRenyi, noisyContractionDivergence, noisyContractionSteps } from './gaussian-renyi.js';

const near = (actual: number, expected: number, relative: number) =>
  assert.ok(Math.abs(actual / expected - 1) <= relative, `${actual} is not ${expected}`);

test('with equal variances it is alpha times the squared distance over twice the variance', () => {
  // Noisy mean of n = 10: the deleted sample is 3 away from the mean of the rest, so the release moves by 0.3.
  near(gaussianRenyi(5, 0.3, 0.04, 0, 0.04), (5 * 0.09) / (2 * 0.04), 1e-12);
  // A sum of m copies moves by m x: quadratic in m. A mean of them saturates.
  const sum = (m: number) => gaussianRenyi(2, 1.5 * m, 1, 0, 1);
  near(sum(3) / sum(1), 9, 1e-12);
  const mean = (m: number) => gaussianRenyi(2, (m * 1.5) / (100 + m), 1, 0, 1);
  assert.ok(mean(1e6) / mean(1e5) < 1.01);
});

test('with unequal variances it equals the integral that defines it', () => {
  const density = (x: number, m: number, v: number) => Math.exp(-((x - m) ** 2) / (2 * v)) / Math.sqrt(2 * Math.PI * v);
  for (const [order, m0, v0, m1, v1] of [
    [2, 0, 1, 1, 1.5],
    [3, 0.2, 0.8, -0.4, 1.1],
    [2, 0, 1, 0, 0.7],
  ]) {
    const moment = integrate(
      (x) => density(x, m1, v1) * (density(x, m0, v0) / density(x, m1, v1)) ** order,
      -15,
      15,
      400,
    );
    near(gaussianRenyi(order, m0, v0, m1, v1), Math.log(moment) / (order - 1), 1e-9);
  }
});

test('it is infinite where the first tail is too heavy', () => {
  assert.equal(gaussianRenyi(3, 0, 3, 0, 2), Infinity);
});

const example = { order: 3, gap: 3, startVariance: 0.5, factor: 0.9, noise: 0.2 };

test('noisy contraction of a gap of 3 is 0.928944516 after 20 steps', () => {
  near(noisyContractionDivergence(example, 20), 0.928944516, 1e-9);
});

test('noisy contraction needs 30.680 steps to 0.1 from a point, 30.663 from a spread', () => {
  const point = { ...example, startVariance: 0 };
  assert.equal(noisyContractionSteps(point, 0.1).toFixed(3), '30.680');
  assert.equal(noisyContractionSteps(example, 0.1).toFixed(3), '30.663');
  assert.equal(noisyContractionDivergence(point, 30).toFixed(5), '0.11544');
  assert.equal(noisyContractionDivergence(point, 31).toFixed(5), '0.09348');
});

test('without contraction the steps grow with the square of the gap', () => {
  const flat = { ...example, factor: 1, startVariance: 0 };
  near(noisyContractionSteps(flat, 0.1), (3 * 9) / (2 * 0.04 * 0.1), 1e-12);
  near(noisyContractionDivergence(flat, 3375), 0.1, 1e-12);
});

test('a start that is close enough needs no steps', () => {
  assert.equal(noisyContractionSteps({ ...example, gap: 0.01 }, 0.1), 0);
});
