import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attackResult, interval, rateAt } from '../testing/made-results.js';
import { correctForMultiplicity } from './correct-for-multiplicity.js';

const made = (primary: boolean, pValue: number, rates: readonly number[]) =>
  attackResult('a', interval(0.5, 0.4, 0.6), {
    primary,
    pValue,
    tprAtFpr: rates.map((p) => rateAt(0.1, 0.1, 0.1, 0.1, p)),
  });

test('the attack named beforehand stands alone, the others share Holm’s correction', () => {
  const corrected = correctForMultiplicity([made(true, 0.04, []), made(false, 0.01, []), made(false, 0.03, [])]);
  // Holm over 0.01 and 0.03: 2 x 0.01, 1 x 0.03.
  assert.deepEqual(
    corrected.map(({ adjustedPValue }) => adjustedPValue),
    [0.04, 0.02, 0.03],
  );
});

test('rates of all attacks share another; those not measured have none', () => {
  const withNone = made(false, 1, [0.001]);
  const unmeasured = { ...withNone.tprAtFpr[0], pValue: null };
  const corrected = correctForMultiplicity([
    made(true, 1, [0.02, 0.2]),
    { ...withNone, tprAtFpr: [...withNone.tprAtFpr, unmeasured] },
  ]);
  // Holm over 0.001, 0.02, 0.2: 3 x 0.001, 2 x 0.02, 0.2.
  assert.deepEqual(
    corrected.map(({ tprAtFpr }) => tprAtFpr.map(({ adjustedPValue }) => adjustedPValue)),
    [
      [0.04, 0.2],
      [0.003, null],
    ],
  );
});
