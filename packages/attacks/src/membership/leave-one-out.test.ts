import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { inclusionCountAuc } from './inclusion-counts.js';
import { leaveOneOut } from './leave-one-out.js';
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

test('carries all that references leave, in the place of the target and beside it', () => {
  const { reference, labels, calibration, covariates } = toySignals(60, 8, 1);
  for (const model of [0, 3, 7]) {
    const { signals, membership } = leaveOneOut(reference, model, { labels, calibration, covariates });
    const { target } = signals;
    const row = <T extends { slice(from: number, to: number): unknown; length: number }>(values: T) =>
      values.slice((model * values.length) / 8, ((model + 1) * values.length) / 8);
    assert.deepEqual(target.correct, row(reference.correct!));
    assert.deepEqual([...target.queryConfidence!.data], [...(row(reference.queryConfidence!.data) as Float32Array)]);
    assert.equal(target.logProbabilities, undefined);
    assert.deepEqual(signals.reference!.topProbabilities!.shape, [6, 60, 3]);
    const widths = ['loss', 'scaledConfidence', 'correct', 'entropy'] as const;
    for (const name of widths) assert.equal(signals.reference![name]!.length, 6 * 60, name);
    // What is read of a model that stays is what the bank holds of it.
    const twin = Array.from({ length: 8 }, (_, k) => k).find(
      (k) => k !== model && reference.trainedOn[k * 60] !== membership[0] && (k ^ 1) === model,
    )!;
    const kept = Array.from({ length: 8 }, (_, k) => k).filter((k) => k !== model && k !== twin);
    kept.forEach((k, at) => {
      const { queryConfidence, topProbabilities } = signals.reference!;
      assert.equal(queryConfidence!.data[at * 18 * 60], reference.queryConfidence!.data[k * 18 * 60]);
      assert.equal(topProbabilities!.data[at * 180 + 179], reference.topProbabilities!.data[k * 180 + 179]);
    });
  }
});

test('keeps set aside only what the model in the target’s place never saw', () => {
  const { reference, calibration } = toySignals(60, 8, 1);
  const { signals, membership } = leaveOneOut(reference, 2, { calibration });
  signals.calibration!.forEach((mark, i) => {
    assert.equal(mark, Number(calibration[i] === 1 && membership[i] === 0));
  });
  assert.ok(signals.calibration!.some((mark) => mark === 1));
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
