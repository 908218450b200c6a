import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { inclusionCountAuc, leaveOneOut } from './leave-one-out.js';
import { toySignals } from './toy-signals.js';

test('drops the complement of the target, so that counts say nothing of membership', () => {
  const { reference } = toySignals(60, 8, 1);
  for (let model = 0; model < 8; model += 1) {
    const { signals, membership } = leaveOneOut(reference, model);
    const { models, trainedOn } = signals.reference!;
    assert.equal(models, 6);
    assert.equal(inclusionCountAuc(trainedOn, models, membership).auc, 0.5);
    assert.deepEqual(signals.target.loss, reference.loss.slice(model * 60, (model + 1) * 60));
  }
});

test('counts alone would tell every member if only the target were dropped', () => {
  const { reference } = toySignals(60, 8, 1);
  const others = reference.trainedOn.subarray(60);
  const { auc } = inclusionCountAuc(others, 7, reference.trainedOn.subarray(0, 60));
  // Members are in 3 of the 7 others, non-members in 4.
  assert.equal(auc, 0);
});

test('refuses masks that are balanced without pairs', () => {
  // Every sample is in exactly 4 of 8 models, drawn at random: no model is another's complement.
  const n = 200;
  const random = createRandom(3);
  const trainedOn = new Uint8Array(8 * n);
  for (let i = 0; i < n; i += 1) for (const k of random.sample(8, 4)) trainedOn[k * n + i] = 1;
  assert.throws(
    () => leaveOneOut({ models: 8, trainedOn, loss: new Float64Array(8 * n) }, 0),
    (error: unknown) => error instanceof EngramError && error.code === 'ENG_ATTACK_NOT_APPLICABLE',
  );
});

test('takes masks of independent coins as they are', () => {
  const n = 500;
  const random = createRandom(4);
  const trainedOn = Uint8Array.from({ length: 8 * n }, () => random.integer(2));
  assert.equal(leaveOneOut({ models: 8, trainedOn, loss: new Float64Array(8 * n) }, 5).signals.reference!.models, 7);
});

test('refuses a row the bank does not have', () => {
  const { reference } = toySignals(4, 2, 1);
  for (const model of [-1, 2, 0.5])
    assert.throws(
      () => leaveOneOut(reference, model),
      (error: unknown) => error instanceof EngramError && error.code === 'ENG_REQUEST_INVALID',
    );
});
