import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError, type Measured } from '@engram/domain';
import { binomialSf } from '@engram/numeric';
import fc from 'fast-check';
import {
  adequateNonMembers,
  clopperPearson,
  clopperPearsonOneSided,
  minimumNonMembers,
  newcombeDifference,
  wilson,
} from '../index.js';

function assertInterval(measured: Measured, low: number, high: number, tolerance: number): void {
  assert.ok(measured.status === 'measured');
  assert.ok(Math.abs(measured.low - low) <= tolerance, `expected low ${low}, got ${measured.low}`);
  assert.ok(Math.abs(measured.high - high) <= tolerance, `expected high ${high}, got ${measured.high}`);
}

// Reference values of the methods' own tables; 30/500 and 3/1000 also by scipy 1.17.1 binomtest. Their last printed
// digit sets each tolerance.
test('Clopper-Pearson matches reference values', () => {
  assertInterval(clopperPearson(30, 500), 0.0408442, 0.0845486, 5e-8);
  assertInterval(clopperPearson(0, 1000), 0, 0.00368, 5e-6);
  assertInterval(clopperPearson(3, 1000), 0.00062, 0.00874, 5e-6);
  assertInterval(clopperPearson(10, 1000), 0.00481, 0.01831, 5e-6);
  assert.ok(Math.abs(clopperPearsonOneSided(0, 500, 'upper', 0.995) - 0.0105406882) < 5e-11);
  assert.ok(Math.abs(clopperPearsonOneSided(0, 1000, 'upper', 0.95) - 0.00299) < 5e-6);
  assert.equal(clopperPearsonOneSided(7, 7, 'upper'), 1);
  assert.equal(clopperPearsonOneSided(0, 7, 'lower'), 0);
});

test('the ends of Clopper-Pearson are where the binomial tails equal the error', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat(), (n, pick) => {
      const count = pick % (n + 1);
      const measured = clopperPearson(count, n);
      assert.ok(measured.status === 'measured');
      if (count > 0) assert.ok(Math.abs(binomialSf(count - 1, n, measured.low) - 0.025) < 1e-10);
      if (count < n) assert.ok(Math.abs(1 - binomialSf(count, n, measured.high) - 0.025) < 1e-10);
    }),
  );
});

test('Wilson matches reference values and stays within [0, 1]', () => {
  assertInterval(wilson(0, 1000), 0, 0.00383, 5e-6);
  assertInterval(wilson(3, 1000), 0.00102, 0.00878, 5e-6);
  assertInterval(wilson(10, 1000), 0.00544, 0.01831, 5e-6);
  assertInterval(wilson(4, 4), 1 / (1 + 3.8414588 / 4), 1, 1e-7);
});

test("Newcombe's difference matches its reference value", () => {
  assertInterval(newcombeDifference({ count: 75, n: 1000 }, { count: 18, n: 1000 }), 0.039, 0.0762, 5e-5);
});

test('no trials give no rate, and counts outside are refused', () => {
  for (const measured of [
    clopperPearson(0, 0),
    wilson(0, 0),
    newcombeDifference({ count: 0, n: 0 }, { count: 1, n: 2 }),
  ]) {
    assert.ok(measured.status === 'notMeasured' && measured.code === 'ENG_INSUFFICIENT_SAMPLES');
  }
  for (const [count, n] of [
    [3, 2],
    [-1, 2],
    [0.5, 2],
    [Number.NaN, 2],
  ] as const) {
    assert.throws(() => clopperPearson(count, n), EngramError);
  }
});

test('the least non-members are those whose clean record just certifies the rate', () => {
  assert.deepEqual(
    [0.01, 0.001, 0.0001].map((fpr) => minimumNonMembers(fpr)),
    [299, 2995, 29_956],
  );
  for (const fpr of [0.1, 0.01, 0.003]) {
    const n = minimumNonMembers(fpr);
    assert.ok(clopperPearsonOneSided(0, n, 'upper') <= fpr);
    assert.ok(clopperPearsonOneSided(0, n - 1, 'upper') > fpr);
  }
  assert.deepEqual([0.01, 0.001, 0.07].map(adequateNonMembers), [1000, 10_000, 143]);
  assert.throws(() => minimumNonMembers(0), EngramError);
});
