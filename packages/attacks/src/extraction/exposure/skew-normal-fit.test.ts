import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@engram/numeric';
import { fitSkewNormal } from './skew-normal-fit.js';

function skewNormalDraws(n: number, location: number, scale: number, shape: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const delta = shape / Math.sqrt(1 + shape * shape);
  return Float64Array.from({ length: n }, () => {
    const half = Math.abs(random.normal());
    return location + scale * (delta * half + Math.sqrt(1 - delta * delta) * random.normal());
  });
}

test('recovers location 3, scale 2 and shape 4 from 100,000 draws within 3 percent', () => {
  const fit = fitSkewNormal(skewNormalDraws(100_000, 3, 2, 4, 8))!;
  assert.ok(Math.abs(fit.location / 3 - 1) < 0.03);
  assert.ok(Math.abs(fit.scale / 2 - 1) < 0.03);
  assert.ok(Math.abs(fit.shape / 4 - 1) < 0.03);
});

test('recovers a left tail, and the normal as shape 0', () => {
  const left = fitSkewNormal(skewNormalDraws(20_000, 40, 5, -3, 9))!;
  assert.ok(Math.abs(left.location / 40 - 1) < 0.01 && Math.abs(left.scale / 5 - 1) < 0.05);
  assert.ok(Math.abs(left.shape / -3 - 1) < 0.15);
  const normal = fitSkewNormal(skewNormalDraws(20_000, 0, 1, 0, 10))!;
  // Location and shape trade off near symmetry; the distribution does not.
  assert.ok(Math.abs(normal.shape) < 1.2);
});

test('has nothing to fit where values do not vary', () => {
  assert.equal(fitSkewNormal(new Float64Array(500).fill(2)), null);
});
