import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lossScores } from './score.js';

test('is minus the loss', () => {
  assert.deepEqual([...lossScores(Float64Array.of(0.5, 2))], [-0.5, -2]);
});
