import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@engram/numeric';
import { aucOfEven } from '../toy-signals.js';
import { gapScores } from './score.js';

test('has an AUC of one half plus half the difference in accuracy, ties counted as half', () => {
  const random = createRandom(1);
  const perSide = 60;
  const accuracy = [0, 0];
  const correct = Uint8Array.from({ length: 2 * perSide }, (_, i) => Number(random.uniform() < (i % 2 ? 0.6 : 0.9)));
  correct.forEach((right, i) => {
    accuracy[i % 2] += right / perSide;
  });
  assert.ok(accuracy[0] > accuracy[1]);
  assert.ok(Math.abs(aucOfEven(gapScores(correct)) - (0.5 + (accuracy[0] - accuracy[1]) / 2)) < 1e-12);
});
