import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError, type ErrorCode } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { describeBins, rankBins } from './bins.js';
import { chooseForgetSets } from './forget-sets.js';

const refused = (code: ErrorCode) => (error: unknown) => error instanceof EngramError && error.code === code;
const random = createRandom(1);
const difficulty = Float64Array.from({ length: 500 }, () => Math.exp(3 * random.normal()));

test('sets are disjoint, of the size asked, and ever harder', () => {
  const sets = chooseForgetSets(difficulty, { sets: 8, size: 20, seed: 1 });
  assert.equal(sets.length, 8);
  assert.equal(new Set(sets.flatMap(({ members }) => [...members])).size, 160);
  sets.forEach(({ members, quantile, medianDifficulty }, s) => {
    assert.equal(members.length, 20);
    assert.ok(Math.abs(quantile - (s + 0.5) / 8) < 0.01);
    const before = sets[s - 1];
    if (before !== undefined) {
      assert.ok(medianDifficulty > before.medianDifficulty);
      const hardest = Math.max(...Array.from(before.members, (row) => difficulty[row]));
      assert.ok(members.every((row) => difficulty[row] > hardest));
    }
  });
});

test('the seed decides among ties and nothing else', () => {
  const choose = (values: Float64Array, seed: number) =>
    chooseForgetSets(values, { sets: 4, size: 5, seed }).map(({ members }) => [...members]);
  assert.deepEqual(choose(difficulty, 1), choose(difficulty, 2));
  const tied = new Float64Array(100);
  assert.deepEqual(choose(tied, 1), choose(tied, 1));
  assert.notDeepEqual(choose(tied, 1), choose(tied, 2));
});

test('sets may use every sample, and not one more', () => {
  assert.equal(chooseForgetSets(difficulty, { sets: 5, size: 100, seed: 1 }).length, 5);
  assert.throws(
    () => chooseForgetSets(difficulty, { sets: 5, size: 101, seed: 1 }),
    refused('ENG_INSUFFICIENT_SAMPLES'),
  );
  for (const wrong of [
    { sets: 1, size: 5 },
    { sets: 3, size: 0 },
    { sets: 2.5, size: 5 },
  ])
    assert.throws(() => chooseForgetSets(difficulty, { ...wrong, seed: 1 }), refused('ENG_REQUEST_INVALID'));
});

test('bins are of equal size by rank, ties included', () => {
  for (const values of [difficulty, new Float64Array(500)]) {
    const bins = rankBins(values);
    const described = describeBins(values, bins);
    assert.deepEqual(
      described.map(({ count }) => count),
      [100, 100, 100, 100, 100],
    );
    described.forEach(({ bin, low, median, high }, at) => {
      assert.equal(bin, at);
      assert.ok(low <= median && median <= high);
      if (at > 0) assert.ok(median >= described[at - 1].median);
    });
  }
});

test('fewer samples than bins leave bins out', () => {
  assert.deepEqual(
    describeBins(Float64Array.of(2, 1), rankBins(Float64Array.of(2, 1))).map(({ bin, median }) => [bin, median]),
    [
      [0, 1],
      [2, 2],
    ],
  );
});
