import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError, type NdArray } from '@engram/domain';
import { contentFolds, contentHashes, createRandom } from '../index.js';

function madeRows(n: number, seed: number): NdArray<Float64Array> {
  const random = createRandom(seed);
  return { data: Float64Array.from({ length: 3 * n }, () => random.normal()), shape: [n, 3] };
}

test('a hash follows its row, differs between rows, and changes with the seed', () => {
  const rows = madeRows(20_000, 1);
  const hashes = contentHashes(rows, 7);
  // Among 2e8 pairs of 53-bit numbers a coincidence has probability 2e-8.
  assert.equal(new Set(hashes).size, 20_000);
  const reversed = Float64Array.from(rows.data, (_, at) => rows.data[3 * (19_999 - Math.floor(at / 3)) + (at % 3)]);
  assert.deepEqual(contentHashes({ data: reversed, shape: rows.shape }, 7), hashes.toReversed());
  assert.notDeepEqual(contentHashes(rows, 8), hashes);
  assert.ok(hashes.every((hash) => Number.isSafeInteger(hash) && hash >= 0));
});

test('rows that differ in one small place differ in their hash, and the order of columns counts', () => {
  const hash = (...row: number[]) => contentHashes({ data: Float64Array.from(row), shape: [1, row.length] }, 1)[0];
  const hashes = [hash(0, 1), hash(1, 0), hash(0, 1 + 2 ** -52), hash(0, -1), hash(0, 0), hash(2 ** -1074, 0)];
  assert.equal(new Set(hashes).size, hashes.length);
  assert.equal(hash(-0, 1), hash(0, 1));
});

test('the order of hashes has nothing to do with the order of values', () => {
  const n = 4000;
  const rising: NdArray = { data: Float64Array.from({ length: n }, (_, i) => i), shape: [n, 1] };
  const hashes = contentHashes(rising, 3);
  let upper = 0;
  for (let i = 0; i < n / 2; i += 1) if (hashes[i] < 2 ** 52) upper += 1;
  // A fair coin: sd sqrt(n/2) / 2 = 22.4, four of them.
  assert.ok(Math.abs(upper - n / 4) < 90, `${upper}`);
});

test('folds are of about equal size and keep equal rows together', () => {
  const rows = madeRows(103, 2);
  const doubled: NdArray = { data: Float64Array.of(...rows.data, ...rows.data), shape: [206, 3] };
  const folds = contentFolds(contentHashes(doubled, 5), 5);
  assert.deepEqual(folds.slice(0, 103), folds.slice(103));
  const sizes = [0, 1, 2, 3, 4].map((fold) => folds.filter((of) => of === fold).length / 2);
  assert.deepEqual(sizes, [21, 21, 20, 21, 20]);
});

test('the fold of a row not learned from is that of its copy, whatever other rows there are', () => {
  const hashes = contentHashes(madeRows(300, 3), 1);
  const learned = hashes.slice(0, 200);
  const folds = contentFolds(hashes, 4, learned);
  assert.deepEqual(contentFolds(hashes.slice(50), 4, learned), folds.slice(50));
  assert.deepEqual(contentFolds(learned, 4), folds.slice(0, 200));
  assert.deepEqual(new Set(folds), new Set([0, 1, 2, 3]));
});

test('refuses to fold fewer distinct rows than folds', () => {
  const rows: NdArray = { data: Float64Array.of(1, 1, 2, 2, 3, 3), shape: [6, 1] };
  assert.deepEqual(new Set(contentFolds(contentHashes(rows, 1), 3)), new Set([0, 1, 2]));
  assert.throws(
    () => contentFolds(contentHashes(rows, 1), 4),
    (error: unknown) => error instanceof EngramError && error.code === 'ENG_INSUFFICIENT_SAMPLES',
  );
});
