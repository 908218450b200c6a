import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import fc from 'fast-check';
import { mannWhitney, wasserstein1 } from '../index.js';

function assertClose(got: number, want: number, relative: number): void {
  assert.ok(Math.abs(got - want) <= relative * Math.abs(want), `expected ${want}, got ${got}`);
}

// scipy 1.17.1: mannwhitneyu, wasserstein_distance on these.
const a = [0.61, 1.2, -0.3, 2.2, 0.9, 1.7, -1.1];
const b = [-0.2, 0.5, -1.4, 0.1, 1.0];
const tiedA = [1, 2, 2, 3, 5, 5, 5, 6];
const tiedB = [1, 1, 2, 4, 4, 5];

test('Mann-Whitney matches scipy, exact and with ties', () => {
  const exact = mannWhitney(a, b);
  assert.equal(exact.u, 25);
  assert.equal(exact.method, 'exact');
  assertClose(exact.pValueTwoSided, 0.26767676767676774, 1e-12);
  assertClose(exact.pValueGreater, 0.13383838383838387, 1e-12);
  const tied = mannWhitney(tiedA, tiedB);
  assert.equal(tied.u, 31.5);
  assertClose(tied.pValueTwoSided, 0.35591509175357505, 1e-12);
  assertClose(tied.pValueGreater, 0.17795754587678753, 1e-12);
  assert.equal(mannWhitney([1, 1], [1]).pValueTwoSided, 1);
});

test('Wasserstein-1 matches scipy and measures a shift as its size', () => {
  assertClose(wasserstein1(a, b), 0.7614285714285715, 1e-14);
  assertClose(wasserstein1(tiedA, tiedB), 0.7916666666666667, 1e-14);
  const sample = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 15 });
  fc.assert(
    fc.property(sample, sample, fc.integer({ min: -5, max: 5 }), (x, y, shift) => {
      assertClose(
        wasserstein1(
          x,
          x.map((value) => value + shift),
        ) + 1,
        Math.abs(shift) + 1,
        1e-12,
      );
      assertClose(wasserstein1(x, y) + 1, wasserstein1(y, x) + 1, 1e-12);
    }),
  );
});

test('empty samples and NaN are refused', () => {
  for (const compare of [mannWhitney, wasserstein1]) {
    assert.throws(() => compare([], [1]), EngramError);
    assert.throws(() => compare([1], [1, Number.NaN]), EngramError);
  }
  assert.throws(() => wasserstein1([1], [Infinity]), EngramError);
});
