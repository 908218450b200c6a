import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notMeasured } from '@engram/domain';
import { difficultyReport } from '../fixtures/difficulty.js';
import { difficultyStepsChart } from './difficulty-steps-chart.js';

const forgetSets = difficultyReport().verification?.forgetSets ?? [];

test('sets that ran out of steps are told from those that did not', () => {
  const picture = difficultyStepsChart('steps', forgetSets).markup;
  const censored = forgetSets.filter((set) => set.censored).length;
  assert.ok(censored > 0);
  assert.equal(picture.split('class="hollow"').length - 1, censored);
  assert.equal(picture.split('class="marker"').length - 1, forgetSets.length - censored);
  assert.match(picture, /not reached within 160 steps/);
});

test('a set whose steps were not measured has no mark', () => {
  const [first, ...others] = forgetSets;
  const unmeasured = { ...first, stepsToRetrainLevel: notMeasured('ENG_INSUFFICIENT_SAMPLES', 'none') };
  const marks = (sets: typeof forgetSets) =>
    difficultyStepsChart('steps', sets).markup.split('class="point-label"').length - 1;
  assert.equal(marks([unmeasured, ...others]), others.length);
});
