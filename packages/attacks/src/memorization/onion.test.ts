import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import fc from 'fast-check';
import { comparePeeled, exposedLayer, randomLayer } from './onion.js';

const everyone = (n: number) => Int32Array.from({ length: n }, (_, i) => i);

describe('the privacy onion', () => {
  it('takes the most exposed of those it may take, and never one of unknown exposure', () => {
    const exposure = Float64Array.of(5, 1, Number.NaN, 4, 3, 2);
    assert.deepEqual([...exposedLayer(exposure, Int32Array.of(1, 2, 3, 4, 5), 0.5)], [3, 4]);
    assert.deepEqual([...exposedLayer(exposure, everyone(6), 0.01)], [0]);
  });

  it('draws as many others at random', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 60 }), fc.nat(), (n, seed) => {
        const random = createRandom(seed);
        const exposure = Float64Array.from({ length: n }, () => random.normal());
        const exposed = exposedLayer(exposure, everyone(n), 0.25);
        const others = randomLayer(exposed, everyone(n), seed);
        assert.equal(others.length, exposed.length);
        assert.equal(new Set([...exposed, ...others]).size, 2 * exposed.length);
        assert.deepEqual(randomLayer(exposed, everyone(n), seed), others);
      }),
    );
  });

  it('compares what is left in both arms with the layer taken away', () => {
    // Exposures 7 … 0; rows 0 and 1 are the layer (threshold 6), rows 6 and 7 the random one, rows 2 and 3 second layer.
    const found = comparePeeled({
      before: Float64Array.of(7, 6, 5, 4, 3, 2, 1, 0),
      withoutExposed: Float64Array.of(Number.NaN, Number.NaN, 6.5, 6, 3, 2, 1, 0),
      withoutRandom: Float64Array.of(7, 6, 5, 4, 3, 8, Number.NaN, Number.NaN),
      exposed: Int32Array.of(0, 1),
      random: Int32Array.of(6, 7),
      among: everyone(8),
    });
    assert.deepEqual([...found.rows], [2, 3, 4, 5]);
    assert.deepEqual([found.threshold, found.layer], [6, 2]);
    assert.deepEqual([...found.change.exposed], [1.5, 2, 0, 0]);
    assert.deepEqual([...found.change.random], [0, 0, 0, 6]);
    assert.deepEqual([...found.newlyExposed.exposed], [1, 1, 0, 0]);
    assert.deepEqual([...found.newlyExposed.random], [0, 0, 0, 1]);
    // After random removal rows 5 and 2 lead; of these row 2 was in the second layer.
    assert.deepEqual(found.overlap, { exposed: 2, random: 1 });
  });

  it('has nothing to say when nothing is left', () => {
    const values = Float64Array.of(2, 1);
    assert.throws(
      () =>
        comparePeeled({
          before: values,
          withoutExposed: values,
          withoutRandom: values,
          exposed: Int32Array.of(0),
          random: Int32Array.of(1),
          among: everyone(2),
        }),
      (error: unknown) => error instanceof EngramError && error.code === 'ENG_INSUFFICIENT_SAMPLES',
    );
  });
});
