import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError, type ErrorCode } from '@engram/domain';
import { logSumExp } from '@engram/numeric';
import { checkTokenSignals, concatTokenSignals, tokenSignalsFromLogits } from './token-signals.js';

const refused = (code: ErrorCode) => (error: unknown) => error instanceof EngramError && error.code === code;
const row = (...logits: number[]) => ({ data: Float64Array.from(logits), shape: [1, logits.length] });

test('places equally likely tokens by id and keeps the largest log-probabilities in order', () => {
  const { rank, topLogProbabilities } = tokenSignalsFromLogits(row(1, 3, 3, 2), Int32Array.of(2), 3);
  assert.deepEqual([...rank], [2]);
  const [a, b, c] = topLogProbabilities.data;
  assert.equal(a, b);
  assert.ok(Math.abs(a - c - 1) < 1e-12);
});

test('log-probabilities sum to 1 for logits far from 0', () => {
  const { topLogProbabilities } = tokenSignalsFromLogits(row(1e4, 1e4 - 1, 1e4 - 2), Int32Array.of(0), 3);
  const sum = Math.exp(logSumExp(topLogProbabilities.data));
  assert.ok(Math.abs(sum - 1) < 1e-12);
});

test('keeps no more than the vocabulary', () => {
  assert.deepEqual(tokenSignalsFromLogits(row(1, 2), Int32Array.of(0), 40).topLogProbabilities.shape, [1, 2]);
});

test('joined records keep their own tokens, none included', () => {
  const two = { data: Float64Array.of(1, 2, 3, 4), shape: [2, 2] };
  const none = { data: new Float64Array(0), shape: [0, 2] };
  const joined = concatTokenSignals([
    tokenSignalsFromLogits(two, Int32Array.of(0, 1), 2),
    tokenSignalsFromLogits(none, new Int32Array(0), 2),
    tokenSignalsFromLogits(row(5, 1), Int32Array.of(0), 2),
  ]);
  assert.deepEqual([...joined.offsets], [0, 2, 2, 3]);
  assert.deepEqual([...joined.rank], [2, 1, 1]);
  checkTokenSignals(joined);
});

test('a target outside the vocabulary, NaN logits and other vocabularies are refused', () => {
  assert.throws(() => tokenSignalsFromLogits(row(1, 2), Int32Array.of(2), 2), refused('ENG_LABEL_OUT_OF_RANGE'));
  assert.throws(
    () => tokenSignalsFromLogits(row(1, Number.NaN), Int32Array.of(0), 2),
    refused('ENG_VALUES_NOT_FINITE'),
  );
  const [a, b] = [row(1, 2), row(1, 2, 3)].map((logits) => tokenSignalsFromLogits(logits, Int32Array.of(0), 2));
  assert.throws(() => concatTokenSignals([a, b]), refused('ENG_SHAPE_MISMATCH'));
  assert.throws(() => concatTokenSignals([]), refused('ENG_SHAPE_MISMATCH'));
});

test('signals no model gives are refused', () => {
  const good = tokenSignalsFromLogits(row(1, 2, 3), Int32Array.of(0), 2);
  checkTokenSignals(good);
  const bad = (change: object, code: ErrorCode) =>
    assert.throws(() => checkTokenSignals({ ...good, ...change }), refused(code));
  bad({ offsets: Int32Array.of(0, 2) }, 'ENG_SHAPE_MISMATCH');
  bad({ offsets: Int32Array.of(1, 1) }, 'ENG_SHAPE_MISMATCH');
  bad({ rank: Int32Array.of(0) }, 'ENG_LABEL_OUT_OF_RANGE');
  bad({ rank: Int32Array.of(4) }, 'ENG_LABEL_OUT_OF_RANGE');
  bad({ logProbability: Float64Array.of(Number.NaN) }, 'ENG_VALUES_NOT_FINITE');
  bad({ logProbability: Float64Array.of(0.5) }, 'ENG_VALUES_NOT_FINITE');
  bad({ vocabularySize: 1 }, 'ENG_SHAPE_MISMATCH');
});
