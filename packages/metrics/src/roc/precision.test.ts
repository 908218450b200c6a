import assert from 'node:assert/strict';
import { test } from 'node:test';
import { precision, precisionAtPrior } from '../index.js';

test('precision is the share of accusations that are right, at a prior', () => {
  // 0.5 x 0.06 / (0.5 x 0.06 + 0.5 x 0.01) = 6/7; at 1 %: 0.0006 / (0.0006 + 0.0099) = 2/35.
  assert.ok(Math.abs(precisionAtPrior(0.06, 0.01, 0.5) - 6 / 7) < 1e-12);
  assert.ok(Math.abs(precisionAtPrior(0.06, 0.01, 0.01) - 2 / 35) < 1e-12);
  assert.ok(Number.isNaN(precisionAtPrior(0, 0, 0.5)));
});

test('its interval is the box of two Clopper-Pearson intervals at 97.5 %', () => {
  // scipy 1.17.1: beta.ppf for both rates at level 0.025 / 2 on each end, then the corners; tolerance 1e-9.
  for (const [prior, value, low, high] of [
    [0.5, 0.8571428571428572, 0.6930584326854909, 0.9485322615771139],
    [0.1, 0.39999999999999997, 0.20056486951302585, 0.6718878688919737],
    [0.01, 0.057142857142857134, 0.02229898107320264, 0.15694202991936126],
  ] as const) {
    const got = precision({ count: 60, n: 1000 }, { count: 10, n: 1000 }, prior);
    assert.ok(got.status === 'measured');
    for (const [a, b] of [
      [got.value, value],
      [got.low, low],
      [got.high, high],
    ])
      assert.ok(Math.abs(a - b) < 1e-9, `${a} for ${b}`);
    assert.deepEqual([got.n, got.method], [2000, 'clopperPearson']);
  }
});

test('without a false positive it may be certain, but need not be', () => {
  const got = precision({ count: 3, n: 50 }, { count: 0, n: 500 }, 0.01);
  assert.ok(got.status === 'measured' && got.value === 1 && got.high === 1);
  assert.ok(Math.abs(got.low - 0.011025220989203017) < 1e-9);
});

test('is not measured where nothing is flagged or a side is empty', () => {
  for (const [tp, m, fp, n] of [
    [0, 50, 0, 50],
    [0, 0, 1, 50],
    [1, 50, 0, 0],
  ] as const)
    assert.equal(precision({ count: tp, n: m }, { count: fp, n }, 0.5).status, 'notMeasured');
});
