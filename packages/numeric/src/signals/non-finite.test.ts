import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nonFiniteValues } from './non-finite.js';

test('counts NaN and both infinities, and says where the first is', () => {
  const values = [0, -0, Number.MAX_VALUE, Number.POSITIVE_INFINITY, 1, Number.NaN, Number.NEGATIVE_INFINITY];
  assert.deepEqual(nonFiniteValues(values), { count: 3, first: 3 });
  assert.deepEqual(nonFiniteValues(Float32Array.from(values.slice(4))), { count: 2, first: 1 });
});

test('finds nothing in finite numbers, or in none', () => {
  assert.equal(nonFiniteValues(new Float64Array(5)), null);
  assert.equal(nonFiniteValues([]), null);
});
