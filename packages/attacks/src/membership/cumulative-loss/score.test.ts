import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cumulativeLoss } from './index.js';
import { cumulativeLosses } from './score.js';

test('adds up the losses of each sample over the moments', () => {
  assert.deepEqual([...cumulativeLosses({ data: Float64Array.of(4, 1, 3, 1, 2, 1), shape: [3, 2] })], [9, 3]);
});

test('says that it ranks members rather than tests membership', () => {
  assert.equal(cumulativeLoss.ranks, 'vulnerability');
});
