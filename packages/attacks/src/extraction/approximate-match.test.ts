import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bleu4,
  editDistance,
  longestCommonRun,
  matchingPrefix,
  normalizedEditDistance,
  repeatedTokenShare,
} from './approximate-match.js';

const fifty = Array.from({ length: 50 }, (_, t) => t);
const substituted = (...at: number[]) => fifty.map((id) => (at.includes(id) ? 1000 + id : id));
const ids = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 });

test('BLEU-4 of fifty distinct tokens with substitutions is as printed', () => {
  for (const [at, expected] of [
    [[25], 0.94758],
    [[0], 0.97937],
    [[49], 0.97937],
    [[10, 30], 0.89447],
    [[10, 20, 30], 0.84052],
    [[10, 20, 30, 40], 0.78555],
  ] as const)
    assert.equal(bleu4(substituted(...at), fifty).toFixed(5), expected.toFixed(5));
});

test('BLEU-4 is 1 for equals, 0 without a common four-gram, and penalises brevity', () => {
  assert.equal(bleu4(fifty, fifty), 1);
  assert.equal(bleu4([1, 2, 3], [1, 2, 3]), 0);
  assert.equal(bleu4([], fifty), 0);
  assert.ok(Math.abs(bleu4(fifty.slice(0, 25), fifty) - Math.exp(1 - 2)) < 1e-12);
});

test('BLEU-4 counts a repeated n-gram no more often than the suffix has it', () => {
  // 1-grams 4 of 8, 2-grams 3 of 7, 3-grams 2 of 6, 4-grams 1 of 5.
  const expected = ((4 / 8) * (3 / 7) * (2 / 6) * (1 / 5)) ** 0.25;
  assert.ok(Math.abs(bleu4([7, 7, 7, 7, 7, 7, 7, 7], [7, 7, 7, 7]) - expected) < 1e-12);
});

test('edit distance is symmetric, a metric, and stops early without changing small answers', () => {
  fc.assert(
    fc.property(ids, ids, ids, (a, b, c) => {
      const distance = editDistance(a, b);
      assert.equal(distance, editDistance(b, a));
      assert.ok(distance <= editDistance(a, c) + editDistance(c, b));
      assert.equal(distance === 0, a.length === b.length && a.every((id, t) => id === b[t]));
      for (const atMost of [0, 2, 5])
        assert.equal(editDistance(a, b, atMost), distance <= atMost ? distance : Infinity);
    }),
    { seed: 1 },
  );
});

test('edit distance counts insertions, deletions and substitutions', () => {
  const codes = (word: string) => Array.from(word, (letter) => letter.charCodeAt(0));
  assert.equal(editDistance(codes('kitten'), codes('sitting')), 3);
  assert.equal(normalizedEditDistance(codes('kitten'), codes('sitting')), 3 / 7);
  assert.equal(normalizedEditDistance([], [1, 2]), 1);
  assert.equal(normalizedEditDistance([], []), null);
});

test('the matching prefix is never longer than the longest common run', () => {
  fc.assert(
    fc.property(ids, ids, (a, b) => {
      assert.ok(matchingPrefix(a, b).length <= longestCommonRun(a, b));
      assert.equal(longestCommonRun(a, b), longestCommonRun(b, a));
    }),
    { seed: 1 },
  );
});

test('a common run may start anywhere, and a prefix is censored at the end of either', () => {
  assert.equal(longestCommonRun([9, 1, 2, 3, 8], [1, 2, 3]), 3);
  assert.deepEqual(matchingPrefix([1, 2, 9], [1, 2, 3]), { length: 2, censored: false });
  assert.deepEqual(matchingPrefix([1, 2], [1, 2, 3]), { length: 2, censored: true });
  assert.deepEqual(matchingPrefix([], [1]), { length: 0, censored: true });
});

test('the share of the most frequent token tells degenerate records', () => {
  assert.equal(repeatedTokenShare([5, 5, 5, 1]), 0.75);
  assert.equal(repeatedTokenShare([1]), 1);
  assert.ok(Number.isNaN(repeatedTokenShare([])));
});
