import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowSums } from './row-sums.js';

const rows = [
  [0.2, 0.3, 0.5],
  [1, 0, 0],
  [0, 1 - 1e-13, 1e-13],
  [0, 1 - 1e-11, 1e-11],
  [0.5, 0.1, 0.1],
  [0, 0, 1],
];

test('counts rows off from 1 and rows that leave one class everything, whatever pieces they come in', () => {
  const values = Float64Array.from(rows.flat());
  for (const size of [1, 2, 5, 18]) {
    const sums = new RowSums(3);
    for (let from = 0; from < values.length; from += size) sums.push(values.subarray(from, from + size));
    assert.equal(sums.saturated, 3);
    assert.deepEqual([sums.wrong.count, sums.wrong.first], [1, 12]);
  }
});
