import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rmiaScores } from '../rmia/score.js';
import { toySignals } from '../toy-signals.js';
import { baseScores } from './score.js';

test('online it equals RMIA log r', () => {
  const { target, reference } = toySignals(50, 8, 1);
  assert.deepEqual(
    baseScores(target.loss!, reference, { mode: 'online', offlineScale: 0.33 }),
    rmiaScores(target.loss!, reference, { mode: 'online', offlineA: 0.3 }),
  );
});

test('offline it subtracts a third of the log mean of models trained without the sample', () => {
  const reference = {
    models: 3,
    trainedOn: Uint8Array.of(1, 0, 0),
    loss: Float64Array.of(-Math.log(0.99), -Math.log(0.2), -Math.log(0.4)),
  };
  const [score] = baseScores(Float64Array.of(-Math.log(0.8)), reference, { mode: 'offline', offlineScale: 0.33 });
  assert.ok(Math.abs(score - (Math.log(0.8) - 0.33 * Math.log(0.3))) < 1e-12);
});
