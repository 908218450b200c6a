import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactMemorization, extractionStrength, greedyStrength, supportRate } from './strength.js';
import { concatTokenSignals, type TokenSignals } from './token-signals.js';

function withRanks(...records: readonly number[][]): TokenSignals {
  return concatTokenSignals(
    records.map((rank) => ({
      offsets: Int32Array.of(0, rank.length),
      logProbability: new Float64Array(rank.length).fill(-1),
      rank: Int32Array.from(rank),
      topLogProbabilities: {
        data: Float64Array.from(rank.flatMap((place) => (place === 5 ? [-1, -1] : [-1, -2]))),
        shape: [rank.length, 2],
      },
      vocabularySize: 10,
    })),
  );
}

test('extraction strength is the share that follows by itself once the rest is revealed', () => {
  assert.equal(extractionStrength([0, 1, 1, 1]), 0.75);
  assert.equal(extractionStrength([1, 1, 1, 1]), 1);
  assert.equal(extractionStrength([1, 1, 1, 0]), 0);
  assert.equal(extractionStrength([1, 1, 1, 0], 'compatible'), 0.25);
  assert.equal(extractionStrength([1]), 1);
  assert.equal(extractionStrength([0]), 0);
});

test('of six tokens with only the first wrong both strengths are 5/6; with only the last wrong 0 and 5/6', () => {
  assert.equal(extractionStrength([0, 1, 1, 1, 1, 1]), 1 - 1 / 6);
  assert.equal(exactMemorization([0, 1, 1, 1, 1, 1]), 5 / 6);
  assert.equal(extractionStrength([1, 1, 1, 1, 1, 0]), 0);
  assert.equal(exactMemorization([1, 1, 1, 1, 1, 0]), 5 / 6);
});

test('a record of no tokens has no strength', () => {
  assert.equal(extractionStrength([]), null);
  assert.equal(exactMemorization([]), null);
  const { exactMemorization: em, extractionStrength: es } = greedyStrength(withRanks([], [1]));
  assert.ok(Number.isNaN(em[0]) && Number.isNaN(es[0]));
});

test('the matching prefix ends at the first mistake, or is censored at the end of the record', () => {
  const { matchingPrefix, censored, argmaxTies } = greedyStrength(withRanks([1, 1, 5, 1], [1, 1], [3]));
  assert.deepEqual([...matchingPrefix], [2, 2, 0]);
  assert.deepEqual([...censored], [0, 1, 0]);
  assert.deepEqual([...argmaxTies], [1, 0, 0]);
});

test('the support rate counts records whose every token is among the k most likely', () => {
  const signals = withRanks([1, 2], [1, 9], [4]);
  assert.equal(supportRate(signals, 1), 0);
  assert.equal(supportRate(signals, 4), 2 / 3);
  assert.equal(supportRate(signals, 10), 1);
});
