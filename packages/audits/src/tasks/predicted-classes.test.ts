import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictedClasses } from './predicted-classes.js';

test('takes the most likely class, the first of equals', () => {
  const outputs = { data: Float32Array.of(0, 2, 1, 3, 3, 1, -1, -2, -1), shape: [3, 3] };
  assert.deepEqual([...predictedClasses(outputs, 'logits')], [1, 0, 0]);
});

test('reads a single output as class 1 of two', () => {
  const outputs = { data: Float32Array.of(-1, 0.2, 0.7), shape: [3, 1] };
  assert.deepEqual([...predictedClasses(outputs, 'logits')], [0, 1, 1]);
  assert.deepEqual([...predictedClasses(outputs, 'probabilities')], [0, 0, 1]);
});
