import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { concatTokenSignals, type TokenSignals, tokenSignalsFromLogits } from '../token-signals.js';
import { prefixSuffix } from './index.js';
import { suffixRecords, suffixScores } from './score.js';

/** A record planted r times in contexts of its own, under an add-0.01 n-gram model of 1,000 tokens. */
function planted(r: number, tokens: number): TokenSignals {
  const row = Array.from({ length: 1000 }, (_, id) => Math.log((id === 7 ? r : 0) + 0.01));
  const logits = { data: Float64Array.from(Array(tokens).fill(row).flat()), shape: [tokens, 1000] };
  return tokenSignalsFromLogits(logits, new Int32Array(tokens).fill(7), 40);
}

const { decoders } = prefixSuffix.plan().settings;

test('by default records are decoded greedily and from the 40 most likely, and the latter is the score', () => {
  const suffixes = concatTokenSignals([1, 10, 100, 1000].map((r) => planted(r, 10)));
  const records = suffixRecords(suffixes, decoders);
  assert.deepEqual(
    records.decoders.map(({ decoder }) => decoder),
    ['greedy', 'topK40'],
  );
  assert.deepEqual(suffixScores(suffixes, decoders), records.decoders[1].low);
  assert.deepEqual([...records.decoders[0].n999], [1, 1, 1, 1]);
  const { low, n50 } = records.decoders[1];
  assert.ok(low.every((value, r) => r === 0 || value > low[r - 1]));
  assert.ok(n50.every((value, r) => r === 0 || value <= n50[r - 1]));
  assert.deepEqual([...records.extractionStrength], [1, 1, 1, 1]);
});

test('plain sampling gives the printed draws of planted strings', () => {
  const suffixes = concatTokenSignals([1, 10, 100, 1000].map((r) => planted(r, 10)));
  const { n50 } = suffixRecords(suffixes, [{ temperature: 1 }]).decoders[0];
  // 16,275,658,725 from the closed form; ten float sums keep its first eleven digits.
  assert.ok(Math.abs(n50[0] / 16_275_658_725 - 1) < 1e-10);
  assert.deepEqual([...n50.subarray(1)], [703, 2, 1]);
});

test('the score needs no sampling decoder', () => {
  assert.deepEqual([...suffixScores(planted(1, 3), ['greedy'])], [0]);
});

test('no records, and a record without a suffix, are refused rather than certain', () => {
  const empty = tokenSignalsFromLogits({ data: new Float64Array(0), shape: [0, 1000] }, new Int32Array(0), 40);
  const refused = (error: unknown) => error instanceof EngramError && error.code === 'ENG_INSUFFICIENT_SAMPLES';
  assert.throws(() => suffixScores(concatTokenSignals([planted(1, 2), empty]), decoders), refused);
  assert.throws(() => suffixScores({ ...empty, offsets: Int32Array.of(0) }, decoders), refused);
});
