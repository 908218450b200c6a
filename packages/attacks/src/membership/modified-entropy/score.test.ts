import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modifiedEntropyScores } from './score.js';

const logs = (...probabilities: number[]) => ({
  logProbabilities: { data: Float64Array.from(probabilities, Math.log), shape: [1, probabilities.length] },
});

test('for (.7, .2, .1) it is 0.162167 with the first label and 2.959736 with the last, negated', () => {
  const p = logs(0.7, 0.2, 0.1);
  assert.ok(Math.abs(modifiedEntropyScores(p, Int32Array.of(0))[0] + 0.162167) < 5e-7);
  assert.ok(Math.abs(modifiedEntropyScores(p, Int32Array.of(2))[0] + 2.959736) < 5e-7);
});

test('a confident mistake is clipped at logarithms of 1e-30', () => {
  const [score] = modifiedEntropyScores(logs(1, 0), Int32Array.of(1));
  assert.ok(Math.abs(score - 2 * Math.log(1e-30)) < 1e-9);
});
