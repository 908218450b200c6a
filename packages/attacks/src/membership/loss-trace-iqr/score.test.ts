import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lossTraceIqr } from './index.js';
import { lossTraceSpread } from './score.js';

test('is the distance between the quartiles of each sample over the moments', () => {
  // Sample 0: 4, 3, 2, 1, 0 has quartiles 1 and 3. Sample 1 never changes. Sample 2: 0, 0, 0, 0, 10 has both at 0.
  const data = Float64Array.of(4, 7, 0, 3, 7, 0, 2, 7, 0, 1, 7, 0, 0, 7, 10);
  assert.deepEqual([...lossTraceSpread({ data, shape: [5, 3] })], [2, 0, 0]);
});

test('interpolates between moments', () => {
  // 0, 1, 2, 4: positions 0.75 and 2.25 give 0.75 and 2.5.
  assert.deepEqual([...lossTraceSpread({ data: Float64Array.of(4, 0, 2, 1), shape: [4, 1] })], [1.75]);
});

test('says that it ranks members rather than tests membership', () => {
  assert.equal(lossTraceIqr.ranks, 'vulnerability');
});
