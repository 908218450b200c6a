import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import fc from 'fast-check';
import { createRandom } from '../random/random.js';
import { kolmogorovSf, ksOneSample, ksTwoSample } from './kolmogorov-smirnov.js';

function assertClose(got: number, want: number, relative: number): void {
  assert.ok(Math.abs(got - want) <= relative * Math.abs(want), `expected ${want}, got ${got}`);
}

const sequence = (n: number, map: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => map(i));

// scipy 1.17.1: ks_2samp(method='exact') on these.
const a = [0.61, 1.2, -0.3, 2.2, 0.9, 1.7, -1.1];
const b = [-0.2, 0.5, -1.4, 0.1, 1.0];
const tiedA = [1, 2, 2, 3, 5, 5, 5, 6];
const tiedB = [1, 1, 2, 4, 4, 5];

const uniform = (x: number) => Math.min(1, Math.max(0, x));

test('two disjoint samples of n have the least p-value there is, 2 / C(2n, n)', () => {
  const floor = (n: number) =>
    ksTwoSample(
      sequence(n, (i) => i),
      sequence(n, (i) => i + 1000),
    ).pValue;
  assertClose(floor(40), 1.86034e-23, 5e-7);
  assertClose(floor(200), 1.942643e-119, 5e-7);
  assertClose(floor(400), 1.06359e-239, 5e-7);
});

test('a p-value below the smallest double keeps its logarithm', () => {
  const test = ksTwoSample(
    sequence(2000, (i) => i),
    sequence(2000, (i) => i + 5000),
  );
  assert.equal(test.pValue, 0);
  // Stirling: log C(2n, n) = 2n log 2 - log(pi n) / 2, to 1/(8n).
  assertClose(test.logPValue, Math.LN2 - (4000 * Math.LN2 - 0.5 * Math.log(Math.PI * 2000)), 1e-6);
});

test('identical samples have p-value 1', () => {
  assert.deepEqual(ksTwoSample([1, 2, 3], [3, 2, 1]), { statistic: 0, pValue: 1, logPValue: 0, method: 'exact' });
});

test('exact Kolmogorov-Smirnov p-values match scipy, ties and unequal sizes included', () => {
  assertClose(ksTwoSample(a, b).statistic, 0.5142857142857142, 1e-14);
  assertClose(ksTwoSample(a, b).pValue, 0.3282828282828283, 1e-12);
  assertClose(ksTwoSample(tiedA, tiedB).pValue, 0.7838827838827839, 1e-12);
  assertClose(
    ksTwoSample(
      sequence(40, (i) => i),
      sequence(40, (i) => i + 15.5),
    ).pValue,
    0.003018184077228396,
    1e-12,
  );
  assertClose(
    ksTwoSample(
      sequence(30, (i) => i),
      sequence(50, (i) => i * 0.8 + 6.3),
    ).pValue,
    0.0018255178044746215,
    1e-12,
  );
});

test('the asymptotic p-value of large samples is near the exact one', () => {
  const random = createRandom(3);
  const x = sequence(2000, () => random.normal());
  const y = sequence(2000, () => random.normal() + 0.06);
  const exact = ksTwoSample(x, y);
  assert.equal(exact.method, 'exact');
  const asymptotic = ksTwoSample(x, Float64Array.of(...y, 9));
  assert.equal(asymptotic.method, 'asymptotic');
  assertClose(asymptotic.pValue, exact.pValue, 0.1);
});

test('the Kolmogorov-Smirnov test does not depend on which sample is first, nor on an increasing map', () => {
  const sample = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 15 });
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const forth = ksTwoSample(x, y);
      assertClose(ksTwoSample(y, x).pValue, forth.pValue, 1e-12);
      assert.deepEqual(ksTwoSample(x.map(Math.exp), y.map(Math.exp)), forth);
    }),
  );
});

test('the Kolmogorov tail matches scipy on both of its series', () => {
  // scipy 1.17.1 kstwobign.sf.
  assertClose(kolmogorovSf(1.1), 0.1777181926064012, 1e-13);
  assertClose(kolmogorovSf(0.6), 0.8642827790506042, 1e-13);
  assert.equal(kolmogorovSf(0), 1);
  assert.ok(Math.abs(kolmogorovSf(1) - kolmogorovSf(1 - 1e-12)) < 1e-11);
});

test('the one-sample p-value is within a few per cent of the exact one', () => {
  // n values placed so that the distance is exactly 0.3 for n = 20 and 0.15 for n = 100; scipy 1.17.1 kstwo.sf.
  const shifted = (n: number, distance: number) => sequence(n, (i) => Math.max(0, (i + 1) / n - distance));
  assertClose(ksOneSample(shifted(20, 0.3), uniform).pValue, 0.04306706665851623, 0.03);
  assertClose(ksOneSample(shifted(100, 0.15), uniform).pValue, 0.019839242125641813, 0.03);
  assertClose(ksOneSample(shifted(1000, 0.05), uniform).pValue, 0.013012074781090332, 0.03);
});

test('is the largest distance on either side of a step', () => {
  // Steps at 0.1, 0.2, 0.9: below the third, 2/3 - 0.2 = 0.4667 just after the second.
  assert.ok(Math.abs(ksOneSample(Float64Array.of(0.9, 0.1, 0.2), uniform).statistic - (2 / 3 - 0.2)) < 1e-12);
});

test('has the critical values of large samples', () => {
  // 1.3581 / sqrt(n) is the 5 percent point: n values pushed that far from uniform.
  const n = 1_000_000;
  const shift = 1.3581 / Math.sqrt(n);
  const { pValue } = ksOneSample(
    Float64Array.from({ length: n }, (_, i) => Math.min(1, (i + 0.5) / n + shift)),
    uniform,
  );
  assert.ok(Math.abs(pValue - 0.05) < 0.001, String(pValue));
});

test('rejects a uniform sample about one time in twenty at five percent', () => {
  const random = createRandom(7);
  let rejected = 0;
  for (let trial = 0; trial < 1000; trial += 1) {
    if (
      ksOneSample(
        Float64Array.from({ length: 100 }, () => random.uniform()),
        uniform,
      ).pValue <= 0.05
    )
      rejected += 1;
  }
  // Standard deviation 7.
  assert.ok(Math.abs(rejected - 50) < 28, String(rejected));
});

test('empty samples and NaN are refused', () => {
  assert.throws(() => ksTwoSample([], [1]), EngramError);
  assert.throws(() => ksTwoSample([1], [1, Number.NaN]), EngramError);
  assert.throws(() => ksOneSample([], uniform), EngramError);
});
