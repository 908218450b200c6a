import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { referenceMask } from './reference-masks.js';

const bank = fc.record({
  seed: fc.nat(),
  pair: fc.integer({ min: 0, max: 50 }),
  n: fc.integer({ min: 0, max: 200 }),
});

describe('what a reference model trains on', () => {
  it('is half of the samples, and the other half for its twin', () => {
    fc.assert(
      fc.property(bank, ({ seed, pair, n }) => {
        const [even, odd] = [referenceMask(seed, 2 * pair, n), referenceMask(seed, 2 * pair + 1, n)];
        assert.equal(
          even.reduce((sum, value) => sum + value, 0),
          Math.floor(n / 2),
        );
        even.forEach((value, i) => {
          assert.equal(value + odd[i], 1);
        });
      }),
    );
  });

  it('is decided by the seed and the number of the model alone', () => {
    fc.assert(
      fc.property(bank, ({ seed, pair, n }) => {
        assert.deepEqual(referenceMask(seed, pair, n), referenceMask(seed, pair, n));
      }),
    );
  });

  it('differs between pairs and between seeds', () => {
    const first = referenceMask(1, 0, 100);
    assert.notDeepEqual(first, referenceMask(1, 2, 100));
    assert.notDeepEqual(first, referenceMask(2, 0, 100));
  });
});
