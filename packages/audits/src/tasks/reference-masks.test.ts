import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TaskSpec } from '@engram/domain';
import fc from 'fast-check';
import { bankMask, referenceMask } from './reference-masks.js';

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

describe('what a model trains on when its task names another share', () => {
  const maskOf = (seed: number, model: number, n: number, subsetFraction: number) =>
    bankMask({ seed, params: { subsetFraction } } as unknown as TaskSpec, model, n);

  it('is that share of the samples, and never all or none', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 2, max: 100 }),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        (seed, n, share) => {
          const size = maskOf(seed, 3, n, share).reduce((sum, value) => sum + value, 0);
          assert.equal(size, Math.min(n - 1, Math.max(1, Math.round(share * n))));
        },
      ),
    );
  });

  it('has nothing to do with what its neighbours train on', () => {
    const [a, b] = [maskOf(1, 0, 100, 0.7), maskOf(1, 1, 100, 0.7)];
    const both = a.reduce((sum, value, i) => sum + value * b[i], 0);
    // 49 of 100 in expectation, standard deviation 2.1.
    assert.ok(Math.abs(both - 49) < 9, `${both}`);
  });

  it('is a half in pairs when the task names none', () => {
    assert.deepEqual(bankMask({ seed: 4, params: {} } as unknown as TaskSpec, 5, 30), referenceMask(4, 5, 30));
  });
});
