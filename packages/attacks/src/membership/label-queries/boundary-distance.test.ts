import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '@engram/numeric';
import { boundaryDistances } from './boundary-distance.js';
import { boundaryStarts } from './boundary-starts.js';
import type { InputRange } from './input-range.js';
import type { LabelOracle } from './label-oracle.js';
import { madeOracle } from './made-oracle.js';

const range: InputRange = [-4, 4];

/** Rows of standard normals, each labelled as the oracle labels it. */
async function samplesOf(oracle: LabelOracle, n: number, seed: number) {
  const random = createRandom(seed);
  const width = oracle.rowShape[0];
  const inputs = Float32Array.from({ length: n * width }, () => random.normal());
  const labels = await oracle.classify({ data: inputs, shape: [n, width] });
  return { inputs, labels, first: 0 };
}

async function distancesOf(oracle: LabelOracle, n: number, queries: number, seed = 1) {
  const samples = await samplesOf(oracle, n, 7);
  const starts = await boundaryStarts(samples.inputs.subarray(0, 8 * oracle.rowShape[0]), range, oracle, seed);
  const measured = await boundaryDistances(samples, oracle, { queries, range, starts, seed });
  return { samples, starts, ...measured };
}

function linear(width: number) {
  const random = createRandom(3);
  const w = Float64Array.from({ length: width }, () => random.normal());
  const norm = Math.hypot(...w);
  const margin = (row: Float32Array) => (row.reduce((sum, value, j) => sum + w[j] * value, 0) + 0.5) / norm;
  return { margin, oracle: madeOracle([width], (row) => Number(margin(row) > 0)) };
}

/** Two tanh units and a threshold on their sum: a boundary that bends. */
const bentClass = ([x, y]: Float32Array | readonly number[]) =>
  Number(1.5 * Math.tanh(2 * x - y + 0.5) + Math.tanh(x + 2 * y - 1) - 0.4 > 0);

/** The nearest change of label over 1,000 directions in steps of 1/500. */
function bruteForce(x: number, y: number): number {
  const label = bentClass([x, y]);
  let nearest = 8;
  for (let k = 0; k < 1000; k += 1) {
    const [dx, dy] = [Math.cos((k * Math.PI) / 500), Math.sin((k * Math.PI) / 500)];
    for (let r = 0.002; r < nearest; r += 0.002) if (bentClass([x + r * dx, y + r * dy]) !== label) nearest = r;
  }
  return nearest;
}

describe('the distance to the decision boundary', () => {
  for (const [width, excess] of [
    [2, 0.01],
    [10, 0.02],
    [100, 0.2],
  ])
    test(`of a linear classifier of ${width} inputs is |w.x + b| / |w|, at most ${100 * excess} % above on average`, async () => {
      const { margin, oracle } = linear(width);
      const { samples, values } = await distancesOf(oracle, 40, 1000);
      let total = 0;
      values.forEach((value, i) => {
        const truth = Math.abs(margin(samples.inputs.subarray(i * width, (i + 1) * width)));
        // An upper bound but for the rounding of float32 inputs.
        assert.ok(value >= truth * (1 - 1e-4), `${value} is below ${truth}`);
        total += value / truth - 1;
      });
      assert.ok(total / 40 < excess, `${total / 40}`);
    });

  test('of a network with a bent boundary is what searching every direction finds, within 2 % for nine in ten', async () => {
    const { samples, values } = await distancesOf(madeOracle([2], bentClass), 20, 1000);
    let near = 0;
    values.forEach((value, i) => {
      const truth = bruteForce(samples.inputs[2 * i], samples.inputs[2 * i + 1]);
      // Brute force walks in steps of 0.002, so it may overshoot by one.
      assert.ok(value >= truth - 0.0021, `${value} is below ${truth}`);
      near += Number(value < 1.02 * truth);
    });
    assert.ok(near >= 18, `${near} of 20`);
  });

  test('comes closer with more queries', async () => {
    const total = async (queries: number) =>
      (await distancesOf(linear(50).oracle, 10, queries)).values.reduce((sum, value) => sum + value, 0);
    const [few, some, many] = [await total(150), await total(1000), await total(4000)];
    assert.ok(many < some && some < few, `${few}, ${some}, ${many}`);
  });

  test('keeps to its queries, counts them all, and asks no larger batch than it may', async () => {
    for (const budget of [100, 300, 1000]) {
      const { oracle } = linear(6);
      const samples = await samplesOf(oracle, 30, 7);
      const starts = await boundaryStarts(samples.inputs.subarray(0, 48), range, oracle, 1);
      oracle.asked.rows = 0;
      const { queries } = await boundaryDistances(samples, oracle, {
        queries: budget,
        range,
        starts,
        seed: 1,
      });
      assert.equal(queries, oracle.asked.rows);
      assert.ok(queries <= 30 * budget && queries > 30 * budget * 0.5, `${queries} of ${30 * budget}`);
      assert.equal(oracle.asked.largestBatch, 512);
    }
  });

  test('is the same whatever the batches, the portions and the samples beside it', async () => {
    const { oracle } = linear(5);
    const { samples, starts, values } = await distancesOf(oracle, 12, 400);
    const settings = { queries: 400, range, starts, seed: 1 };
    const small = { ...oracle, rowsPerBatch: 7 };
    assert.deepEqual((await boundaryDistances(samples, small, settings)).values, values);
    const part = { inputs: samples.inputs.subarray(20, 45), labels: samples.labels.subarray(4, 9), first: 4 };
    assert.deepEqual((await boundaryDistances(part, oracle, settings)).values, values.subarray(4, 9));
  });

  test('is another estimate under another seed', async () => {
    const { oracle } = linear(5);
    assert.notDeepEqual((await distancesOf(oracle, 5, 400, 2)).values, (await distancesOf(oracle, 5, 400, 1)).values);
  });

  test('is 0 for misclassified samples, which take one query', async () => {
    const { oracle } = linear(3);
    const samples = await samplesOf(oracle, 10, 7);
    const labels = samples.labels.map((label) => 1 - label);
    const starts = await boundaryStarts(samples.inputs, range, oracle, 1);
    const settings = { queries: 1000, range, starts, seed: 1 };
    const { values, queries } = await boundaryDistances({ ...samples, labels }, oracle, settings);
    assert.deepEqual([[...new Set(values)], queries], [[0], 10]);
  });

  test('is the diagonal of the input range where no other label was ever seen', async () => {
    const { values } = await distancesOf(
      madeOracle([9], () => 2),
      4,
      1000,
    );
    assert.deepEqual([...values], [24, 24, 24, 24]);
  });

  test('of no samples is no distances', async () => {
    assert.equal((await distancesOf(linear(3).oracle, 0, 1000)).values.length, 0);
  });

  test('never asks about anything outside the input range', async () => {
    const narrow: InputRange = [-1, 1];
    const oracle = madeOracle([4], (row) => {
      assert.ok(row.every((value) => value >= -1 && value <= 1));
      return Number(row[0] + row[1] > 1.6);
    });
    const inputs = Float32Array.from({ length: 40 }, (_, at) => (at % 7) / 7 - 0.5);
    const samples = { inputs, labels: new Int32Array(10), first: 0 };
    const starts = await boundaryStarts(Float32Array.of(1, 1, 0, 0), narrow, oracle, 1);
    const { values } = await boundaryDistances(samples, oracle, {
      queries: 500,
      range: narrow,
      starts,
      seed: 1,
    });
    assert.ok(values.every((value) => value > 0));
  });
});
