import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@engram/numeric';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.js';

const uniform = (x: number) => Math.min(1, Math.max(0, x));

test('is the largest distance on either side of a step', () => {
  // Steps at 0.1, 0.2, 0.9: below the third, 2/3 - 0.2 = 0.4667 just after the second.
  assert.ok(Math.abs(kolmogorovSmirnov(Float64Array.of(0.9, 0.1, 0.2), uniform).distance - (2 / 3 - 0.2)) < 1e-12);
});

test('has the critical values of large samples', () => {
  // 1.3581 / sqrt(n) is the 5 percent point: n values pushed that far from uniform.
  const n = 1_000_000;
  const shift = 1.3581 / Math.sqrt(n);
  const { pValue } = kolmogorovSmirnov(
    Float64Array.from({ length: n }, (_, i) => Math.min(1, (i + 0.5) / n + shift)),
    uniform,
  );
  assert.ok(Math.abs(pValue - 0.05) < 0.001, String(pValue));
});

test('rejects a uniform sample about one time in twenty at five percent', () => {
  const random = createRandom(7);
  let rejected = 0;
  for (let trial = 0; trial < 1000; trial += 1) {
    if (
      kolmogorovSmirnov(
        Float64Array.from({ length: 100 }, () => random.uniform()),
        uniform,
      ).pValue <= 0.05
    )
      rejected += 1;
  }
  // Standard deviation 7.
  assert.ok(Math.abs(rejected - 50) < 28, String(rejected));
});
