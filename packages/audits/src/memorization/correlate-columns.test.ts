import assert from 'node:assert/strict';
import { test } from 'node:test';
import { correlateColumns } from './correlate-columns.js';

const options = { confidence: 0.95, seed: 1 };
const rows = Int32Array.of(0, 1, 2, 3, 4);

test('correlates columns over the rows where both have a value, and leaves out absent ones', () => {
  const columns = {
    memorization: Float64Array.of(1, 2, 3, 4, Number.NaN, 0),
    lira: Float64Array.of(10, 20, 30, 40, -5, 99),
  };
  const [found, ...more] = correlateColumns(
    columns,
    [
      ['memorization', 'lira'],
      ['memorization', 'rmia'],
    ],
    rows,
    options,
  );
  assert.ok(found.measured.status === 'measured');
  assert.deepEqual([found.second, found.measured.value, found.measured.n, more.length], ['lira', 1, 4, 0]);
});

test('does not correlate fewer than four', () => {
  const columns = { a: [1, 2, 3], b: [3, 2, 1] };
  const [found] = correlateColumns(columns, [['a', 'b']], Int32Array.of(0, 1, 2), options);
  assert.equal(found.measured.status, 'notMeasured');
});
