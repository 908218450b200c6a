import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difficultyReport } from '../fixtures/difficulty.js';
import { measured } from '../fixtures/measured.js';
import { removalAdvice } from './difficulty-advice.js';

test('sets that ran out of steps ask for training again', () => {
  const [first, second] = removalAdvice(difficultyReport());
  assert.match(first.action, /train again/);
  assert.match(first.because, /3 of 8 .*sets 6, 7, 8/);
  assert.match(second.action, /from 10 to more than 150 steps/);
});

test('records already like never seen need no unlearning', () => {
  const report = difficultyReport();
  for (const set of report.verification?.forgetSets ?? []) set.gapBefore = measured(0.05, -0.02, 0.12, 50);
  const [only, ...others] = removalAdvice(report);
  assert.match(only.action, /suffices until the next training/);
  assert.equal(others.length, 0);
});

test('without unlearning nothing is promised', () => {
  assert.deepEqual(removalAdvice({ ...difficultyReport(), verification: null }), []);
});
