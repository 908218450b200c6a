import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normalCdf } from '@engram/numeric';
import { madeOracle } from './made-oracle.js';
import { noiseGrid, noiseRobustness } from './noise-robustness.js';

const range = [-100, 100] as const;

/** Class 1 is a slab of this half-width around 0. */
function slab(halfWidth: number) {
  return madeOracle([1], ([x]) => Number(Math.abs(x) < halfWidth));
}
const middle = { inputs: Float32Array.of(0), labels: Int32Array.of(1), first: 0 };

describe('the noise a label survives', () => {
  test('runs over eight levels from 1 % to 100 % of the input range, evenly on a log scale', () => {
    const grid = noiseGrid([-1, 3]);
    assert.equal(grid.length, 8);
    assert.ok(Math.abs(grid[0] - 0.04) < 1e-15);
    assert.ok(Math.abs(grid[7] - 4) < 1e-15);
    for (let k = 2; k < 8; k += 1) assert.ok(Math.abs(grid[k] / grid[k - 1] - grid[1] / grid[0]) < 1e-12);
  });

  test('is the largest level below r / 0.6745 in the middle of a slab of half-width r', async () => {
    // P(|x| < r) = 2 Phi(r / sigma) - 1 is above one half while sigma < r / Phi^-1(3/4).
    const grid = noiseGrid(range);
    for (const halfWidth of [3, 8, 25]) {
      const settings = { draws: 2000, range, seed: 5 };
      const { values } = await noiseRobustness(middle, slab(halfWidth), settings);
      const kept = (level: number) => 2 * normalCdf(halfWidth / level) - 1;
      const expected = grid.filter((level) => kept(level) > 0.5).at(-1);
      // No level lies so near the edge that 2,000 draws could miss it: 0.05 is over four standard errors.
      assert.ok(grid.every((level) => Math.abs(kept(level) - 0.5) > 0.05));
      assert.equal(values[0], expected);
    }
  });

  test('is 0 for misclassified samples, which are asked about once', async () => {
    const oracle = slab(5);
    const { values, queries } = await noiseRobustness({ ...middle, labels: Int32Array.of(0) }, oracle, {
      draws: 20,
      range,
      seed: 1,
    });
    assert.deepEqual([values[0], queries, oracle.asked.rows], [0, 1, 1]);
  });

  test('counts its queries, and is the same whatever the batches and portions', async () => {
    const samples = {
      inputs: Float32Array.from({ length: 12 }, (_, i) => i - 6),
      labels: new Int32Array(12).fill(1),
      first: 0,
    };
    const settings = { draws: 10, range, seed: 3 };
    const oracle = slab(8);
    const whole = await noiseRobustness(samples, oracle, settings);
    assert.equal(whole.queries, oracle.asked.rows);
    assert.ok(new Set(whole.values).size > 1);
    const inPieces = await noiseRobustness(samples, { ...oracle, rowsPerBatch: 3 }, settings);
    assert.deepEqual(inPieces, whole);
    const part = { inputs: samples.inputs.subarray(4, 7), labels: samples.labels.subarray(4, 7), first: 4 };
    assert.deepEqual((await noiseRobustness(part, oracle, settings)).values, whole.values.subarray(4, 7));
  });
});
