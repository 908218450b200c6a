import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entropyScores } from './score.js';

const rows = (...probabilities: readonly number[][]) => ({
  logProbabilities: {
    data: Float64Array.from(probabilities.flat(), Math.log),
    shape: [probabilities.length, probabilities[0].length],
  },
});

test('the entropy of (.7, .2, .1) is 0.801819 nats, negated', () => {
  assert.ok(Math.abs(entropyScores(rows([0.7, 0.2, 0.1]))[0] + 0.801819) < 5e-7);
});

test('a class given no probability counts as 0', () => {
  const [certain, uniform] = entropyScores(rows([1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]));
  assert.ok(Math.abs(certain) < 1e-15);
  assert.ok(Math.abs(uniform + Math.log(4)) < 1e-12);
});
