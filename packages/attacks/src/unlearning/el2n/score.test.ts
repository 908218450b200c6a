import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { earlyErrorNorm, errorNorms } from './score.js';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

test('for (.7, .2, .1) it is 0.374166 with the first label and 1.157584 with the last', () => {
  const data = Float64Array.from([0.7, 0.2, 0.1, 0.7, 0.2, 0.1], Math.log);
  const [first, last] = errorNorms({ data, shape: [2, 3] }, [0, 2]);
  near(first, 0.374166, 5e-7);
  near(last, 1.157584, 5e-7);
});

test('it is 0 for certainty, sqrt 2 for a certain mistake, and keeps the digits in between', () => {
  const certain = { data: Float64Array.of(0, -Infinity, 0, -Infinity), shape: [2, 2] };
  assert.deepEqual([...errorNorms(certain, [0, 1])], [0, Math.SQRT2]);
  const nearly = { data: Float64Array.of(-1e-20, Math.log(1e-20)), shape: [1, 2] };
  near(errorNorms(nearly, [0])[0] / (1e-20 * Math.SQRT2), 1, 1e-12);
});

const trajectory = { totalSteps: 1000, batchSize: 1, trainingSize: 1 };

test('averages the moments between 5 and 10 percent of training', () => {
  const { difficulty, moments } = earlyErrorNorm(
    { ...trajectory, steps: [0, 50, 80, 500], el2n: Float64Array.of(9, 9, 1, 2, 3, 4, 9, 9) },
    { from: 0.05, to: 0.1 },
  );
  assert.deepEqual(moments, [1, 2]);
  assert.deepEqual([...difficulty], [2, 3]);
});

test('takes the nearest moment when none is inside, but never the initial weights', () => {
  const at = (steps: number[]) =>
    earlyErrorNorm({ ...trajectory, steps, el2n: Float64Array.from(steps) }, { from: 0.05, to: 0.1 }).moments;
  assert.deepEqual(at([0, 20, 900]), [1]);
  assert.deepEqual(at([1, 150, 900]), [1]);
  assert.throws(
    () => at([0]),
    (error: unknown) => error instanceof EngramError && error.code === 'ENG_INSUFFICIENT_SAMPLES',
  );
});
