import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom, mean, studentCdf } from '@engram/numeric';
import { nearestNeighbour } from './nearest-neighbour.js';
import { memorizedPValues, subsampledMemorization } from './subsampled-memorization.js';

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
    const { memorization } = subsampledMemorization(
      lookupTable(100, copies, 0.7, 400, () => 0),
      'hard',
    );
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
    const { memorization } = subsampledMemorization(lookupTable(200, copies, rate, 400, guess), 'hard');
    assert.ok(Math.abs(mean(memorization) - expected) < 0.015, `${mean(memorization)} is not ${expected}`);
  }
});

test('a constant classifier memorizes nothing', () => {
  const bank = lookupTable(20, 1, 0.5, 40, () => 0);
  const { memorization } = subsampledMemorization({ ...bank, values: bank.values.fill(1) }, 'hard');
  assert.ok(memorization.every((value) => value === 0));
});

test('a nearest neighbour memorizes labels of their own wholly, and C random labels 1 - 1/C', () => {
  const own = nearestNeighbour({ samples: 60, models: 60, label: (i) => i });
  assert.ok(subsampledMemorization(own.bank, 'hard').memorization.every((value) => value === 1));
  const random = createRandom(4);
  const drawn = nearestNeighbour({ samples: 400, models: 100, label: () => random.integer(4) });
  // 400 labels: the share of neighbours that agree has a standard error of sqrt(3/16/400) = 0.022.
  const found = mean(subsampledMemorization(drawn.bank, 'hard').memorization);
  assert.ok(Math.abs(found - 0.75) < 0.088, `${found}`);
});

test('a sample that no model left out has none, and a bank of such samples is refused', () => {
  const bank = { models: 2, trainedOn: Uint8Array.of(1, 1, 1, 0), values: Float64Array.of(1, 1, 1, 0) };
  const { memorization } = subsampledMemorization(bank, 'hard');
  assert.deepEqual([...memorization], [Number.NaN, 1]);
  assert.throws(
    () => subsampledMemorization({ models: 2, trainedOn: Uint8Array.of(1, 1), values: Float64Array.of(1, 1) }, 'hard'),
    (error: unknown) => error instanceof EngramError && error.code === 'ENG_INSUFFICIENT_SAMPLES',
  );
});

test('standard errors are those of two binomial rates, smoothed where a side agrees', () => {
  // In: 3 of 4, variance 3/16, over 4. Out: 0 of 4, smoothed to 1/6, variance 5/36, over 4.
  const bank = {
    models: 8,
    trainedOn: Uint8Array.of(1, 1, 1, 1, 0, 0, 0, 0),
    values: Uint8Array.of(1, 1, 1, 0, 0, 0, 0, 0),
  };
  const { memorization, standardError, freedom, heldOut } = subsampledMemorization(bank, 'hard');
  assert.equal(memorization[0], 0.75);
  assert.ok(Math.abs(standardError[0] - Math.sqrt(3 / 64 + 5 / 144)) < 1e-15);
  assert.deepEqual([freedom[0], heldOut[0]], [Infinity, 0]);
});

test('soft memorization has unbiased variances and Welch’s degrees of freedom', () => {
  // In 0.7, 0.9: variance 0.02 over 2. Out 0.1, 0.2, 0.3: variance 0.01 over 3.
  const bank = {
    models: 5,
    trainedOn: Uint8Array.of(1, 1, 0, 0, 0),
    values: Float64Array.of(0.7, 0.9, 0.1, 0.2, 0.3),
  };
  const estimate = subsampledMemorization(bank, 'soft');
  assert.ok(Math.abs(estimate.memorization[0] - 0.6) < 1e-15);
  assert.ok(Math.abs(estimate.standardError[0] - Math.sqrt(0.01 + 0.01 / 3)) < 1e-15);
  const df = (0.04 / 3) ** 2 / (0.01 ** 2 + (0.01 / 3) ** 2 / 2);
  assert.ok(Math.abs(estimate.freedom[0] - df) < 1e-12);
  const [p] = memorizedPValues(estimate, 0.25);
  assert.ok(Math.abs(p - studentCdf(-0.35 / Math.sqrt(0.04 / 3), df)) < 1e-15);
});

test('a p-value is a half at the threshold and 0.025 at 1.96 standard errors above it', () => {
  const at = (memorization: number) =>
    memorizedPValues(
      {
        measure: 'hard',
        memorization: Float64Array.of(memorization),
        standardError: Float64Array.of(0.1),
        freedom: Float64Array.of(Infinity),
        heldOut: Float64Array.of(0),
      },
      0.25,
    )[0];
  assert.equal(at(0.25), 0.5);
  assert.ok(Math.abs(at(0.25 + 0.195996398454005) - 0.025) < 1e-12);
  assert.ok(Number.isNaN(at(Number.NaN)));
});
