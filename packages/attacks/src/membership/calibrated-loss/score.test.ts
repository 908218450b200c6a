import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@engram/numeric';
import { calibratedScores } from './score.js';

test('subtracts the mean over models trained without the sample, and turns a loss upside down', () => {
  const bank = {
    models: 3,
    trainedOn: Uint8Array.of(1, 0, 0, 1, 0, 0),
    // Sample 0 is out of models 1 and 2 (3 and 5); sample 1 of models 0 and 2 (2 and 8).
    values: Float64Array.of(100, 2, 3, 100, 5, 8),
  };
  assert.deepEqual([...calibratedScores(Float64Array.of(1, 6), bank, -1)], [3, -1]);
  assert.deepEqual([...calibratedScores(Float64Array.of(1, 6), bank, 1)], [-3, 1]);
});

test('K references give the AUC Phi(1 / sqrt(2 (1 + 1/K))) at a shift of one standard deviation', () => {
  const n = 100_000;
  const random = createRandom(14);
  const ease = Float64Array.from({ length: n }, () => 3 * random.normal());
  const target = ease.map((value, i) => value + (i < n / 2 ? 1 : 0) + random.normal());
  const reference = Float64Array.from({ length: 8 * n }, (_, at) => ease[at % n] + random.normal());
  // Standard error of each AUC is 0.0016 at 50,000 a side.
  const tolerance = 4 * 0.0016;
  assert.ok(Math.abs(aucOfFirstHalf(target) - 0.588468) < tolerance);
  for (const [models, expected] of [
    [1, 0.691462],
    [2, 0.718149],
    [4, 0.736455],
    [8, 0.747507],
  ] as const) {
    const bank = { models, trainedOn: new Uint8Array(models * n), values: reference.subarray(0, models * n) };
    assert.ok(Math.abs(aucOfFirstHalf(calibratedScores(target, bank, 1)) - expected) < tolerance, `K = ${models}`);
  }
});

/** By ranks; continuous scores, no ties. */
function aucOfFirstHalf(scores: Float64Array): number {
  const half = scores.length / 2;
  const order = Int32Array.from(scores.keys()).sort((i, j) => scores[i] - scores[j]);
  let below = 0;
  let wins = 0;
  for (const i of order) {
    if (i < half) wins += below;
    else below += 1;
  }
  return wins / (half * half);
}
