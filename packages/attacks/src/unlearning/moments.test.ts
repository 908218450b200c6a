import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logSpacedSteps, momentWeights } from './moments.js';

test('each moment stands for the steps up to halfway to its neighbours', () => {
  assert.deepEqual([...momentWeights([1, 3, 11, 100], 120)], [2, 5, 48.5, 64.5]);
  assert.deepEqual([...momentWeights([50], 100)], [100]);
});

test('log-spaced steps are distinct, increasing, and end with training', () => {
  assert.deepEqual(logSpacedSteps(1024, 10), [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
  assert.deepEqual(logSpacedSteps(3, 10), [1, 2, 3]);
});
