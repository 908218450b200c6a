import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError, type NdArray } from '@engram/domain';
import {
  choleskyFactor,
  choleskySolve,
  createRandom,
  lbfgs,
  logisticRegressionL2,
  logisticScores,
  ridge,
} from '../index.js';

function assertClose(got: number, want: number, absolute: number): void {
  assert.ok(Math.abs(got - want) <= absolute, `expected ${want}, got ${got}`);
}

/** Rows of the portable shadow-model benchmark: 400 x 40 normals, then labels from a planted logistic model. */
function benchmarkData() {
  const random = createRandom(12345);
  const data = Float64Array.from({ length: 16_000 }, () => random.normal());
  const slope = 2 / Math.sqrt(40);
  const labels = Uint8Array.from({ length: 400 }, (_, i) => {
    let logOdds = 0;
    for (let j = 0; j < 40; j += 1) logOdds += slope * data[i * 40 + j]!;
    return random.uniform() < 1 / (1 + Math.exp(-logOdds)) ? 1 : 0;
  });
  const order = random.shuffle(Int32Array.from({ length: 200 }, (_, i) => i));
  return { data, labels, inRows: order.slice(0, 100) };
}

function rowsOf(data: Float64Array, rows: Int32Array, width: number): NdArray<Float64Array> {
  const picked = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    picked.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return { data: picked, shape: [rows.length, width] };
}

test('Cholesky solves what it factors, and refuses what is not positive definite', () => {
  const matrix = [4, 2, 2, 3];
  const x = choleskySolve(choleskyFactor(matrix, 2), [10, 9]);
  assertClose(x[0]!, 1.5, 1e-15);
  assertClose(x[1]!, 2, 1e-15);
  assert.throws(
    () => choleskyFactor([1, 2, 2, 1], 2),
    (error) => error instanceof EngramError && error.code === 'ENG_VALUES_NOT_FINITE',
  );
});

test('ridge matches the closed form, and deleting a row matches its leverage formula', () => {
  const features = (...x: number[]): NdArray => ({ data: Float64Array.from(x), shape: [x.length, 1] });
  // x = (1,2,3), y = (1,2,2), lambda = 1: 11/15; without the third, 5/6.
  assertClose(ridge(features(1, 2, 3), [1, 2, 2], 1)[0]!, 11 / 15, 1e-15);
  assertClose(ridge(features(1, 2), [1, 2], 1)[0]!, 5 / 6, 1e-15);
});

test('the two forms of ridge agree', () => {
  const random = createRandom(2);
  const n = 6;
  const p = 9;
  const data = Float64Array.from({ length: n * p }, () => random.normal());
  const y = Float64Array.from({ length: n }, () => random.normal());
  const wide = ridge({ data, shape: [n, p] }, y, 0.3);
  // The normal equations hold at the solution: X'(Xw - y) + penalty w = 0.
  for (let a = 0; a < p; a += 1) {
    let gradient = 0.3 * wide[a]!;
    for (let i = 0; i < n; i += 1) {
      let residual = -y[i]!;
      for (let b = 0; b < p; b += 1) residual += data[i * p + b]! * wide[b]!;
      gradient += residual * data[i * p + a]!;
    }
    assertClose(gradient, 0, 1e-12);
  }
});

test('logistic regression reproduces the published weights of the portable benchmark', () => {
  const { data, labels, inRows } = benchmarkData();
  assert.equal(
    labels.reduce((sum, label) => sum + label, 0),
    211,
  );
  const fit = logisticRegressionL2(
    rowsOf(data, inRows, 40),
    Array.from(inRows, (row) => labels[row]!),
    {
      // The benchmark's 0.25 |w|^2.
      penalty: 0.5,
      intercept: false,
      tolerance: 1e-10,
    },
  );
  assert.ok(fit.largestGradient < 1e-10);
  assertClose(fit.weights[0]!, 0.6652939, 1e-8);
  assertClose(fit.weights[1]!, 0.35001842, 1e-8);
});

test('Newton and L-BFGS reach the same weights', () => {
  const random = createRandom(9);
  const n = 150;
  const wide = 140;
  const data = Float64Array.from({ length: n * wide }, () => random.normal());
  const labels = Array.from({ length: n }, (_, i) => (data[i * wide]! + random.normal() > 0 ? 1 : 0));
  // 140 columns go to L-BFGS; ten of them with the rest at zero give Newton the same problem.
  const ten = Float64Array.from({ length: n * 10 }, (_, k) => data[Math.floor(k / 10) * wide + (k % 10)]!);
  const padded = Float64Array.from(data, (value, k) => (k % wide < 10 ? value : 0));
  const byNewton = logisticRegressionL2({ data: ten, shape: [n, 10] }, labels, { penalty: 1 });
  const byLbfgs = logisticRegressionL2({ data: padded, shape: [n, wide] }, labels, { penalty: 1 });
  assert.ok(byNewton.largestGradient <= 1e-8 && byLbfgs.largestGradient <= 1e-8);
  for (let j = 0; j < 10; j += 1) assertClose(byLbfgs.weights[j]!, byNewton.weights[j]!, 1e-8);
  assertClose(byLbfgs.intercept, byNewton.intercept, 1e-8);
});

test('scores are higher for the class 1 side, and separable data stay finite under the penalty', () => {
  const features: NdArray = { data: Float64Array.of(-2, -1, 1, 2), shape: [4, 1] };
  const fit = logisticRegressionL2(features, [0, 0, 1, 1], { penalty: 0.01 });
  const scores = logisticScores(fit, features);
  assert.ok(scores[3]! > scores[0]!);
  assert.ok(fit.weights.every(Number.isFinite));
  assert.ok(fit.largestGradient <= 1e-8);
});

test('features that are not finite are refused', () => {
  const features: NdArray = { data: Float64Array.of(1, Number.NaN), shape: [2, 1] };
  assert.throws(
    () => logisticRegressionL2(features, [0, 1], { penalty: 1 }),
    (error) => error instanceof EngramError && error.code === 'ENG_VALUES_NOT_FINITE',
  );
});

test('L-BFGS finds the minimum of the Rosenbrock valley', () => {
  const found = lbfgs(
    (x, gradient) => {
      const [a, b] = [x[0]!, x[1]!];
      gradient[0] = -2 * (1 - a) - 400 * a * (b - a * a);
      gradient[1] = 200 * (b - a * a);
      return (1 - a) ** 2 + 100 * (b - a * a) ** 2;
    },
    [-1.2, 1],
  );
  assertClose(found.x[0]!, 1, 1e-6);
  assertClose(found.x[1]!, 1, 1e-6);
});
