import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { retrainTolerance, sampleStepsToRetrainLevel, stepsToRetrainLevel } from './steps-to-retrain-level.js';

const steps = [0, 10, 20, 30, 40, 50];

test('the level is reached at the first of three evaluations within tolerance', () => {
  const found = stepsToRetrainLevel({ steps, gap: [1, 0.05, 0.5, 0.1, 0, 0.08], tolerance: 0.1 });
  assert.deepEqual(found, {
    outcome: 'reached',
    steps: 30,
    evaluation: 3,
    residual: 0.1,
    damage: null,
    overshot: false,
  });
});

test('a set that is at the level from the start needs no steps', () => {
  const { outcome, steps: needed } = stepsToRetrainLevel({ steps, gap: [0, 0, 0, 1, 1, 1], tolerance: 0.1 });
  assert.deepEqual([outcome, needed], ['reached', 0]);
});

test('a level reached for two evaluations at the end is censored at the budget', () => {
  const { outcome, steps: needed } = stepsToRetrainLevel({ steps, gap: [1, 1, 1, 1, 0, 0], tolerance: 0.1 });
  assert.deepEqual([outcome, needed], ['censored', 50]);
});

test('losing more than five percent of utility first is a collapse', () => {
  const found = stepsToRetrainLevel({
    steps,
    gap: [1, 0.9, 0.05, 0.05, 0.05, 0.05],
    tolerance: 0.1,
    utility: [0.8, 0.79, 0.77, 0.75, 0.7, 0.7],
  });
  assert.equal(found.outcome, 'collapsed');
  assert.equal(found.steps, 30);
  assert.ok(Math.abs(found.damage! - 0.0625) < 1e-12);
});

test('going far below the retrained level is told', () => {
  assert.ok(stepsToRetrainLevel({ steps, gap: [1, -0.5, -0.6, -0.7, -1, -2], tolerance: 0.1 }).overshot);
});

test('the tolerance is the spread of retrained models, at least 0.1', () => {
  assert.equal(retrainTolerance(0.03), 0.1);
  assert.equal(retrainTolerance(0.4), 0.4);
});

test('curves of other lengths, empty ones and NaN are refused', () => {
  for (const [wrong, code] of [
    [{ steps: [], gap: [] }, 'ENG_SHAPE_MISMATCH'],
    [{ steps, gap: [1] }, 'ENG_SHAPE_MISMATCH'],
    [{ steps: [0], gap: [1], utility: [1, 2] }, 'ENG_SHAPE_MISMATCH'],
    [{ steps: [0], gap: [Number.NaN] }, 'ENG_VALUES_NOT_FINITE'],
  ] as const)
    assert.throws(
      () => stepsToRetrainLevel({ ...wrong, tolerance: 0.1 }),
      (error: unknown) => error instanceof EngramError && error.code === code,
    );
});

test('single samples are done when the mean of five evaluations is within tolerance', () => {
  // Sample 0 falls to 0 at once; sample 1 stays at 1; sample 2 alternates about 0.
  const gap = Float64Array.from(steps.flatMap((_, e) => [e === 0 ? 1 : 0, 1, e % 2 === 0 ? 0.5 : -0.5]));
  const found = sampleStepsToRetrainLevel(steps, gap);
  assert.deepEqual([...found.steps], [40, 50, 40]);
  assert.deepEqual([...found.censored], [0, 1, 0]);
});
