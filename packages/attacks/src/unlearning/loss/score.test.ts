import assert from 'node:assert/strict';
import { test } from 'node:test';
import { averageLoss, inconsistency } from './score.js';

const trajectory = {
  steps: [1, 3],
  totalSteps: 10,
  batchSize: 1,
  trainingSize: 1,
  // Two samples: the moments stand for 2 and 8 steps.
  loss: Float64Array.of(4, Math.log(2), 1, Math.log(4)),
};

test('counts each moment for the steps it stands for', () => {
  assert.ok(Math.abs(averageLoss(trajectory)[0] - (0.2 * 4 + 0.8 * 1)) < 1e-12);
  assert.ok(Math.abs(averageLoss({ ...trajectory, represents: [1, 1] })[0] - 2.5) < 1e-12);
});

test('inconsistency is minus the mean probability of the truth', () => {
  assert.ok(Math.abs(inconsistency(trajectory)[1] + 0.2 * 0.5 + 0.8 * 0.25) < 1e-12);
});
