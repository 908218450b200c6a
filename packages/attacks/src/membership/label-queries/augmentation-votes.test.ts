import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { augmentationVotes } from './augmentation-votes.js';
import { imageViews } from './image-views.js';
import { madeOracle } from './made-oracle.js';

const image = { height: 9, width: 9, channels: 1, strideY: 9, strideX: 1, strideChannel: 0 };
const settings = { queries: 12, rotationDegrees: 15 };

/** Class 1 when the pixel in the middle is bright. */
const classOf = (row: Float32Array) => Number(row[40] > 0.5);

/** One bright square of half-width `reach` around the middle each. */
function squares(...reaches: number[]) {
  const inputs = new Float32Array(81 * reaches.length);
  reaches.forEach((reach, i) => {
    for (let y = 4 - reach; y <= 4 + reach; y += 1)
      for (let x = 4 - reach; x <= 4 + reach; x += 1) inputs[81 * i + 9 * y + x] = 1;
  });
  return { inputs, labels: new Int32Array(reaches.length).fill(1), first: 0 };
}

describe('votes under augmentation', () => {
  test('are all for what no view can move away, and only rotations for a single pixel in the middle', async () => {
    const { values } = await augmentationVotes(squares(4, 0), image, madeOracle([9, 9, 1], classOf), settings);
    const rotations = imageViews(12, 15).filter(({ kind }) => kind === 'rotation').length;
    assert.deepEqual([...values], [12, rotations]);
  });

  test('are none where every view is labelled otherwise', async () => {
    const samples = { ...squares(4), labels: Int32Array.of(0) };
    const { values } = await augmentationVotes(samples, image, madeOracle([9, 9, 1], classOf), settings);
    assert.equal(values[0], 0);
  });

  test('take one query per view and sample, in batches of any size', async () => {
    const oracle = madeOracle([9, 9, 1], classOf, 4);
    const samples = squares(0, 1, 2, 3, 4);
    const measured = await augmentationVotes(samples, image, oracle, settings);
    assert.deepEqual([measured.queries, oracle.asked], [60, { rows: 60, largestBatch: 4 }]);
    const whole = await augmentationVotes(samples, image, madeOracle([9, 9, 1], classOf), settings);
    assert.deepEqual(measured.values, whole.values);
  });
});
