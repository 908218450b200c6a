import assert from 'node:assert/strict';
import { test } from 'node:test';
import { studentCdf } from '@engram/numeric';
import { meanDifference } from './mean-difference.js';

test('is the difference of the means with Welch’s degrees of freedom', () => {
  // Means 2 and 10; variances 1 and 10; a = 1/3, b = 10/5 = 2: df = (7/3)^2 / ((1/9)/2 + 4/4) = 5.157894….
  const found = meanDifference([1, 2, 3], [6, 8, 10, 12, 14], 0.9);
  assert.ok(found.status === 'measured');
  assert.deepEqual([found.value, found.n, found.confidence], [-8, 8, 0.9]);
  const df = 49 / 9 / (1 / 18 + 1);
  const t = (found.high - found.value) / Math.sqrt(7 / 3);
  assert.ok(Math.abs(studentCdf(t, df) - 0.95) < 1e-9);
  assert.ok(Math.abs(found.value - found.low - (found.high - found.value)) < 1e-12);
});

test('turns its sign with its sides', () => {
  const [a, b] = [
    [1, 4, 2, 8],
    [0.5, 0.25, 0.75],
  ];
  const forth = meanDifference(a, b);
  const back = meanDifference(b, a);
  assert.ok(forth.status === 'measured' && back.status === 'measured');
  assert.deepEqual([back.value, back.low, back.high], [-forth.value, -forth.high, -forth.low]);
});

test('is not measured without two values a side, or without any spread', () => {
  for (const [a, b] of [
    [[1], [1, 2]],
    [
      [3, 3],
      [4, 4],
    ],
  ])
    assert.equal(meanDifference(a!, b!).status, 'notMeasured');
});
