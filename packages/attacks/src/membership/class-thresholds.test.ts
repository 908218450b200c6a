import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aboveClassThreshold } from './class-thresholds.js';

test('each class has the threshold that parts what references were trained on from the rest', () => {
  // Class 0: trained on above 3, not below 1, so 2. Class 1: above -5 and below -9, so -7.
  const labels = Int32Array.of(0, 0, 1, 1);
  const ofReferences = Float64Array.of(3, 1, -5, -9, 0.5, 4, -10, -4);
  const trainedOn = Uint8Array.of(1, 0, 1, 0, 0, 1, 0, 1);
  const scores = aboveClassThreshold(Float64Array.of(2.5, 0, -6, -8), labels, ofReferences, trainedOn);
  assert.deepEqual([...scores], [0.5, -2, 1, -1]);
});

test('a class with one side alone takes the threshold of all classes', () => {
  const labels = Int32Array.of(0, 0, 1);
  const scores = aboveClassThreshold(
    Float64Array.of(1, 1, 1),
    labels,
    Float64Array.of(4, 0, 5),
    Uint8Array.of(1, 0, 1),
  );
  assert.deepEqual([...scores], [-1, -1, -1]);
});

test('where scores do not differ, or run the other way, there is no threshold to take away', () => {
  const labels = Int32Array.of(0, 0);
  for (const ofReferences of [Float64Array.of(2, 2), Float64Array.of(0, 1)])
    assert.deepEqual(
      [...aboveClassThreshold(Float64Array.of(3, 2), labels, ofReferences, Uint8Array.of(1, 0))],
      [3, 2],
    );
});
