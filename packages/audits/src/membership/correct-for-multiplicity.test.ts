import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@engram/numeric';
import { attackResult, interval, rateAt } from '../testing/made-results.js';
import { correctForMultiplicity } from './correct-for-multiplicity.js';
import { concludeMembership } from './verdict.js';

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

test('sound audits are called a leak no more often than the error allows, however many attacks and rates', () => {
  // Four attacks with three rates each, every p-value uniform and independent: the worst case for Holm. An interval excludes
  // chance where its one-sided p-value is at most 0.025. 4,000 audits; four standard errors.
  const random = createRandom(8);
  let leaks = 0;
  for (let run = 0; run < 4000; run += 1) {
    const results = [true, false, false, false].map((primary) => {
      const pValue = random.uniform();
      const low = pValue <= 0.025 ? 0.501 : 0.499;
      const rates = Array.from({ length: 3 }, () => rateAt(0.01, 0.02, 0.01, 0.03, random.uniform()));
      return attackResult('a', interval(0.52, low, 0.54), { primary, pValue, tprAtFpr: rates });
    });
    const judged = { members: 1000, nonMembers: 1000, confidence: 0.95 };
    if (concludeMembership(correctForMultiplicity(results), [], judged).verdict === 'leak') leaks += 1;
  }
  const allowed = 4 * Math.sqrt((0.05 * 0.95) / 4000);
  assert.ok(leaks / 4000 < 0.05 + allowed, `${leaks}`);
  assert.ok(leaks / 4000 > 0.03, 'the error is there to be spent');
});
