import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom, mean } from '@engram/numeric';
import { subsampledMemorization } from './memorization.js';

/** Bernoulli(rate) masks over n samples in `groups` identical copies each, and what a lookup table gets right. */
function lookupTable(samples: number, copies: number, rate: number, models: number, guess: () => number) {
  const random = createRandom(18);
  const n = samples * copies;
  const trainedOn = Uint8Array.from({ length: models * n }, () => (random.uniform() < rate ? 1 : 0));
  const values = Float64Array.from(trainedOn, (_, at) => {
    const model = Math.floor(at / n);
    const first = model * n + Math.floor((at % n) / copies) * copies;
    return trainedOn.subarray(first, first + copies).includes(1) ? 1 : guess();
  });
  return { models, trainedOn, values };
}

test('a lookup table that errs on what it has not seen memorizes (1 - r)^(m - 1) of m copies', () => {
  for (const [copies, expected] of [
    [1, 1],
    [3, 0.09],
  ] as const) {
    const { memorization } = subsampledMemorization(lookupTable(100, copies, 0.7, 400, () => 0));
    // 100 independent groups of 400 models: standard error of the mean below 0.003.
    assert.ok(Math.abs(mean(memorization) - expected) < 0.012, `${mean(memorization)} for ${copies} copies`);
  }
});

test('random labels in pairs are memorized (1 - r)(1 - 1/C), and alone 1 - 1/C', () => {
  const random = createRandom(1);
  const guess = () => (random.integer(10) === 0 ? 1 : 0);
  for (const [copies, rate, expected] of [
    [1, 0.5, 0.9],
    [2, 0.5, 0.45],
    [2, 0.7, 0.27],
  ] as const) {
    const { memorization } = subsampledMemorization(lookupTable(200, copies, rate, 400, guess));
    assert.ok(Math.abs(mean(memorization) - expected) < 0.015, `${mean(memorization)} is not ${expected}`);
  }
});

test('a constant classifier memorizes nothing', () => {
  const bank = lookupTable(20, 1, 0.5, 40, () => 0);
  const { memorization } = subsampledMemorization({ ...bank, values: bank.values.fill(1) });
  assert.ok(memorization.every((value) => value === 0));
});

test('a sample that no model left out is refused', () => {
  assert.throws(
    () => subsampledMemorization({ models: 2, trainedOn: Uint8Array.of(1, 1), values: Float64Array.of(1, 1) }),
    (error: unknown) => error instanceof EngramError && error.code === 'ENG_INSUFFICIENT_SAMPLES',
  );
});
