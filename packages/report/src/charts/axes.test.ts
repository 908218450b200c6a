import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linearAxis, linearTicks, logAxis, logTicks, wantsLog } from './axes.js';

test('a logarithmic axis is marked at powers of ten', () => {
  const axis = logAxis([1e-4, 1], [0, 100]);
  assert.deepEqual(
    logTicks(axis, String).map(({ at, label }) => [Math.round(at), label]),
    [
      [0, '0.0001'],
      [25, '0.001'],
      [50, '0.01'],
      [75, '0.1'],
      [100, '1'],
    ],
  );
});

test('a short logarithmic axis is marked at ones, twos and fives', () => {
  assert.deepEqual(
    logTicks(logAxis([20, 90], [0, 100]), String).map(({ label }) => label),
    ['20', '50'],
  );
});

test('equal values, one value and no values still make an axis', () => {
  for (const values of [[3, 3], [0], []]) {
    const axis = linearAxis(values, [0, 100]);
    assert.ok(linearTicks(axis, 4).every(({ at }) => at >= 0 && at <= 100));
    assert.ok(Number.isFinite(axis(3)));
  }
});

test('values over two powers of ten ask for a logarithmic axis unless some are zero', () => {
  assert.equal(wantsLog([1, 100]), true);
  assert.equal(wantsLog([0, 100]), false);
  assert.equal(wantsLog([]), false);
});
