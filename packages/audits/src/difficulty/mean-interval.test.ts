import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { meanInterval } from './mean-interval.js';

describe('a mean with its interval', () => {
  it('is that of Student', () => {
    // 2, 4, 6: mean 4, deviation 2, t(0.975; 2) = 4.302653: half-width 4.302653 x 2 / sqrt 3 = 4.968275.
    const found = meanInterval([2, 4, 6], 0.95);
    assert.ok(found.status === 'measured');
    assert.ok(Math.abs(found.low - (4 - 4.968275)) < 1e-5 && Math.abs(found.high - (4 + 4.968275)) < 1e-5);
    assert.deepEqual([found.value, found.n], [4, 3]);
  });

  it('is a point where all values are equal, and not measured for a single one', () => {
    const equal = meanInterval([3, 3], 0.95);
    assert.ok(equal.status === 'measured' && equal.low === 3 && equal.high === 3);
    assert.equal(meanInterval([1], 0.95).status, 'notMeasured');
  });
});
