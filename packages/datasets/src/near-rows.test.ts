import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '@engram/numeric';
import fc from 'fast-check';
import { nearRows } from './near-rows.js';

const width = 5;
const n = 60;
const sides = Uint8Array.from({ length: n }, (_, i) => Number(i < 40));

/** Normal rows, 40 inside and 20 outside, of which the first ones are those inside moved by so much. */
function made(seed: number, moved: readonly number[]) {
  const random = createRandom(seed);
  const data = Float64Array.from({ length: n * width }, () => random.normal());
  moved.forEach((by, i) => {
    for (let j = 0; j < width; j += 1) data[(40 + i) * width + j] = data[i * width + j] + by;
  });
  return { data, shape: [n, width] };
}

const found = (inputs: Parameters<typeof nearRows>[0], side = sides) => [...nearRows(inputs, side, { seed: 1 }).rows];

describe('rows near those of the other side', () => {
  it('lie within a tenth of the distance between neighbours', () => {
    // Members at 0, 1 … 99: each has a neighbour at 1, so the radius is 0.1. A column that never varies counts for nothing.
    const places = [...Array.from({ length: 100 }, (_, i) => i), 7, 40.09, 40.91, 60.12, 60.5, 200];
    const data = Float64Array.from(places.flatMap((place) => [place, 3]));
    const side = Uint8Array.from(places, (_, i) => Number(i < 100));
    // As an image nothing is divided by its deviation, so the radius is told in the units of the values.
    const image = nearRows({ data, shape: [106, 2, 1] }, side, { seed: 1 });
    assert.deepEqual([[...image.rows], image.judged.length], [[100, 101, 102], 6]);
    assert.ok(Math.abs(image.radius - 0.1) < 1e-7);
    assert.deepEqual(found({ data, shape: [106, 2] }, side), [100, 101, 102]);
  });

  it('are found among normal rows when they are copies moved a little, and not when moved far', () => {
    // In five columns neighbours of 40 are about 1.2 apart: moved by 0.01 in each, copies are 0.02 away, by 0.3, 0.7.
    assert.deepEqual(found(made(3, [0, 0.01, 0.3])), [40, 41]);
  });

  it('are the same whatever the units of a column, its origin, and the order of the columns', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.integer({ min: 0, max: 4 }),
        (seed, scale, turned) => {
          const { data, shape } = made(seed, [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3]);
          const other = data.map((_, at) => {
            const j = (at % width) + turned;
            const value = data[at - (at % width) + (j % width)];
            return j % width === 2 ? scale * value + 1 : value;
          });
          assert.deepEqual(found({ data: other, shape }), found({ data, shape }));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('are those that comparing every column of every pair finds', () => {
    const { data, shape } = made(9, [0, 0.02, 0.05, 0.08, 0.12, 0.2]);
    const image = { data, shape: [n, width, 1] };
    const distance = (a: number, b: number) =>
      Math.hypot(...Array.from({ length: width }, (_, j) => data[a * width + j] - data[b * width + j]));
    const members = Array.from({ length: 40 }, (_, i) => i);
    const nearest = members
      .map((a) => Math.min(...members.filter((b) => b !== a).map((b) => distance(a, b))))
      .sort((a, b) => a - b);
    const radius = 0.1 * ((nearest[19] + nearest[20]) / 2);
    assert.ok(Math.abs(nearRows(image, sides, { seed: 1 }).radius - radius) < 1e-6);
    const expected = Array.from({ length: 20 }, (_, i) => 40 + i).filter((row) =>
      members.some((b) => distance(row, b) <= radius),
    );
    assert.ok(expected.length >= 2 && expected.length <= 6);
    assert.deepEqual(found(image), expected);
    assert.deepEqual(shape, [n, width]);
  });

  it('are equal ones alone where rows inside are all equal, and none where there is nobody inside', () => {
    const data = Float64Array.of(1, 1, 1, 1, 2);
    assert.deepEqual(found({ data, shape: [5, 1] }, Uint8Array.of(1, 1, 1, 0, 0)), [3]);
    assert.deepEqual(found({ data, shape: [5, 1] }, new Uint8Array(5)), []);
  });

  it('are sought among those of neither side by nobody', () => {
    const { data, shape } = made(3, [0, 0.01]);
    const side = sides.slice();
    side[41] = 2;
    assert.deepEqual(found({ data, shape }, side), [40]);
    side[0] = 2;
    assert.deepEqual(found({ data, shape }, side), []);
  });
});
