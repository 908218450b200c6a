import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, ridge } from '@engram/numeric';
import { ridgeDeletion } from './ridge-deletion.js';

const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

const line = { data: Float64Array.of(1, 2, 3), shape: [3, 1] };

test('deleting the third of (1,1), (2,2), (3,2) at penalty 1 moves 11/15 to 5/6', () => {
  const { weights, deleted, influence, leverage, leverageAfter } = ridgeDeletion(line, [1, 2, 2], 1, [2]);
  near(weights[0], 11 / 15);
  near(deleted[0], 5 / 6);
  near(leverage[2], 0.6);
  // The influence step lacks 1/(1 - h): 0.4 of the way.
  near(influence[0], 0.773333, 5e-7);
  near((influence[0] - weights[0]) / (deleted[0] - weights[0]), 0.4);
  near(leverage[0], 1 / 15);
  near(leverageAfter[0], 1 / 6);
});

function random(n: number, p: number, seed: number) {
  const source = createRandom(seed);
  return {
    features: { data: Float64Array.from({ length: n * p }, () => source.normal()), shape: [n, p] },
    targets: Float64Array.from({ length: n }, () => source.normal()),
  };
}

test('deleting a set equals retraining without it', () => {
  for (const seed of [1, 2, 3]) {
    const { features, targets } = random(30, 4, seed);
    const forget = [3, 11, 12, 29];
    const kept = [...targets.keys()].filter((i) => !forget.includes(i));
    const retrained = ridge(
      { data: Float64Array.from(kept.flatMap((i) => [...features.data.subarray(4 * i, 4 * i + 4)])), shape: [26, 4] },
      kept.map((i) => targets[i]),
      0.7,
    );
    ridgeDeletion(features, targets, 0.7, forget).deleted.forEach((weight, a) => {
      near(weight, retrained[a]);
    });
  }
});

test('leverage of the others never falls, and equals that of a fresh fit', () => {
  const { features, targets } = random(20, 3, 4);
  const forget = [0, 7];
  const { leverage, leverageAfter } = ridgeDeletion(features, targets, 0.5, forget);
  const kept = [...targets.keys()].filter((i) => !forget.includes(i));
  const fresh = ridgeDeletion(
    { data: Float64Array.from(kept.flatMap((i) => [...features.data.subarray(3 * i, 3 * i + 3)])), shape: [18, 3] },
    kept.map((i) => targets[i]),
    0.5,
    [0],
  ).leverage;
  kept.forEach((row, at) => {
    assert.ok(leverageAfter[row] >= leverage[row]);
    near(leverageAfter[row], fresh[at]);
  });
});
