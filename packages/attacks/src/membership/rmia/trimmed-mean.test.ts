import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logMeanProbability } from '../mean-probability.js';
import { logTrimmedMeanProbability } from './trimmed-mean.js';

const inside = [0.99, 0.9, 0.95, 0.4, 0.97, 0.93];
const outside = [0.1, 0.6, 0.3, 0.35, 0.02];
const bank = {
  models: 11,
  trainedOn: Uint8Array.from({ length: 11 }, (_, k) => Number(k < 6)),
  loss: Float64Array.from([...inside, ...outside], (p) => -Math.log(p)),
};
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-12, `${actual} is not ${expected}`);

// scipy.stats.trim_mean(side, 0.2): (0.9 + 0.95 + 0.97 + 0.93) / 4 and (0.1 + 0.3 + 0.35) / 3.
test('each side loses a fifth at each end, as scipy trims it, and both sides weigh the same', () => {
  near(Math.exp(logTrimmedMeanProbability(bank, 'out')[0]), 0.25);
  near(Math.exp(logTrimmedMeanProbability(bank, 'all')[0]), (0.9375 + 0.25) / 2);
});

test('four models on each side are too few to leave one out', () => {
  const keep = [0, 1, 2, 3, 6, 7, 8, 9];
  const few = {
    models: 8,
    trainedOn: Uint8Array.from(keep, (k) => bank.trainedOn[k]),
    loss: Float64Array.from(keep, (k) => bank.loss[k]),
  };
  for (const side of ['all', 'out'] as const)
    near(logTrimmedMeanProbability(few, side)[0], logMeanProbability(few, side)[0]);
});

test('where no model is on a side the other is the mean, and nothing is left of neither', () => {
  const never = { ...bank, trainedOn: new Uint8Array(11) };
  assert.deepEqual(logTrimmedMeanProbability(never, 'all'), logTrimmedMeanProbability(never, 'out'));
  assert.ok(Number.isNaN(logTrimmedMeanProbability({ ...bank, trainedOn: bank.trainedOn.map(() => 1) }, 'out')[0]));
});
