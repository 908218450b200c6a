import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import fc from 'fast-check';
import {
  argsort,
  createRandom,
  isotonicRegression,
  mean,
  median,
  pearson,
  quantile,
  ranks,
  selectInPlace,
  sortDoubles,
  spearman,
  variance,
} from '../index.js';

test('argsort orders every double, with ties in their first order', () => {
  const values = [3, -Infinity, 0, -0, 2, Infinity, 2, -5e-324, 1e308];
  assert.deepEqual([...argsort(values)], [1, 7, 2, 3, 4, 6, 0, 8, 5]);
});

test('every length is sorted the same way, ties in their first order', () => {
  const random = createRandom(11);
  // The three lengths take the three ways through the sort.
  for (const length of [50, 10_000, 40_000]) {
    const values = Float64Array.from({ length }, (_, i) =>
      i % 7 === 0 ? Math.round(random.normal()) : random.normal() * 10 ** (random.integer(600) - 300),
    );
    const expected = Array.from(values, (_, i) => i).sort((a, b) =>
      values[a]! < values[b]! ? -1 : values[a]! > values[b]! ? 1 : a - b,
    );
    assert.deepEqual([...argsort(values)], expected);
  }
});

test('whole numbers, whose low bits are all alike, are sorted too', () => {
  const values = Float64Array.from({ length: 500 }, (_, i) => ((i * 37) % 11) - 5);
  const sorted = Array.from(argsort(values), (i) => values[i]!);
  assert.deepEqual(
    sorted,
    [...values].sort((a, b) => a - b),
  );
});

test('NaN has no order and is refused', () => {
  assert.throws(
    () => argsort([1, Number.NaN]),
    (error) => error instanceof EngramError && error.code === 'ENG_VALUES_NOT_FINITE',
  );
});

test('ranks share ties and sum to n (n + 1) / 2', () => {
  assert.deepEqual([...ranks([10, 20, 20, 5])], [2, 3.5, 3.5, 1]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 50 }), (values) => {
      const sum = ranks(values).reduce((total, rank) => total + rank, 0);
      assert.equal(sum, (values.length * (values.length + 1)) / 2);
    }),
  );
});

test('quantiles interpolate as NumPy does and leave the input alone', () => {
  const values = [4, 1, 3, 2];
  // numpy 2.x: np.quantile([4, 1, 3, 2], [0, .1, .5, 1]) = [1, 1.3, 2.5, 4].
  assert.equal(quantile(values, 0), 1);
  assert.ok(Math.abs(quantile(values, 0.1) - 1.3) < 1e-15);
  assert.equal(median(values), 2.5);
  assert.equal(quantile(values, 1), 4);
  assert.deepEqual(values, [4, 1, 3, 2]);
  assert.ok(Number.isNaN(quantile([], 0.5)));
  assert.equal(quantile([Infinity, Infinity], 0.3), Infinity);
});

test('variance survives a large common offset', () => {
  assert.equal(variance([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]), 30);
  assert.equal(variance([1, 3], 0), 1);
  assert.ok(Number.isNaN(variance([1])));
  assert.ok(Number.isNaN(mean([])));
});

test('spearman is one for any increasing map, and undefined for a constant', () => {
  const x = [0.3, -2, 5, 1];
  assert.equal(spearman(x, x.map(Math.exp)), 1);
  assert.equal(
    spearman(
      x,
      x.map((value) => -(value ** 3)),
    ),
    -1,
  );
  assert.ok(Number.isNaN(spearman(x, [1, 1, 1, 1])));
  // By hand: ranks (1, 2.5, 2.5, 4) against (1, 2, 3, 4): 4.5 / sqrt(4.5 * 5).
  assert.ok(Math.abs(spearman([1, 2, 2, 3], [1, 2, 3, 4]) - 4.5 / Math.sqrt(22.5)) < 1e-15);
  assert.throws(() => pearson([1], [1, 2]), EngramError);
});

test('isotonic regression pools violators, whatever the order of the points', () => {
  // By hand: 3 and 2 pool to 2.5.
  const fit = isotonicRegression([3, 1, 2, 4], [2, 1, 3, 4]);
  assert.deepEqual([...fit.fitted], [2.5, 1, 2.5, 4]);
  assert.equal(fit.predict(0), 1);
  assert.equal(fit.predict(1.5), 1.75);
  assert.equal(fit.predict(9), 4);
  assert.deepEqual([...isotonicRegression([1, 1, 2], [0, 4, 1], [1, 3, 1]).fitted], [2.6, 2.6, 2.6]);
});

test('an isotonic fit never decreases, keeps the mean and leaves a monotone input alone', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 40 }), (y) => {
      const x = y.map((_, i) => i);
      const { fitted } = isotonicRegression(x, y);
      for (let i = 1; i < fitted.length; i += 1) assert.ok(fitted[i]! >= fitted[i - 1]!);
      assert.ok(Math.abs(mean(fitted) - mean(y)) < 1e-9);
      const sorted = [...y].sort((a, b) => a - b);
      assert.deepEqual(
        [...isotonicRegression(x, sorted).fitted],
        sorted.map((value) => value + 0),
      );
    }),
  );
});

test('selection finds what sorting would put at each rank, ties and all', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })), { minLength: 1, maxLength: 60 }),
      fc.nat(),
      (values, draw) => {
        const rank = draw % values.length;
        const sorted = Float64Array.from(values).sort();
        // -0 and 0 tie.
        assert.equal(selectInPlace(Float64Array.from(values), rank) + 0, sorted[rank]! + 0);
      },
    ),
    { seed: 5 },
  );
});

test('long arrays of doubles are sorted as the native sort does, infinities and both zeros among them', () => {
  const random = createRandom(12);
  for (const length of [1000, 50_000]) {
    const values = Float64Array.from({ length }, (_, i) =>
      i % 5 === 0
        ? [0, -0, Infinity, -Infinity, 5e-324][i % 25 === 0 ? 0 : (i / 5) % 5]!
        : random.normal() * 10 ** (random.integer(600) - 300),
    );
    const expected = values.slice().sort();
    assert.deepEqual(sortDoubles(values), expected);
  }
});
