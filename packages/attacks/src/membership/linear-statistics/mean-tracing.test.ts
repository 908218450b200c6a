import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom, normalCdf } from '@engram/numeric';
import { aucOf } from '../toy-signals.js';
import { meanTracingScores } from './mean-tracing.js';

const repetitions = 60;

/** Mean AUC of tracing n members of N(0, I) in d dimensions through their mean, released with noise. */
function tracedAuc(n: number, d: number, noise: number): number {
  const random = createRandom(d + 1000 * noise);
  let sum = 0;
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const data = Float64Array.from({ length: 2 * n * d }, () => random.normal());
    const release = Float64Array.from({ length: d }, () => noise * random.normal());
    for (let at = 0; at < n * d; at += 1) release[at % d]! += data[at]! / n;
    const scores = meanTracingScores(release, { data, shape: [2 * n, d] });
    sum += aucOf(
      scores,
      scores.map((_, i) => Number(i < n)),
    );
  }
  return sum / repetitions;
}

// The AUC of one draw deviates by some 0.04; of the mean of 60 by 0.005: four of them.
test('traces members of a released mean with AUC Phi(sqrt(d / 2n))', () => {
  for (const [n, d, exact] of [
    [100, 100, 0.7602],
    [50, 200, 0.9214],
  ] as const) {
    const expected = normalCdf(Math.sqrt(d / (2 * n)));
    assert.ok(Math.abs(expected - exact) < 0.0002);
    const found = tracedAuc(n, d, 0);
    assert.ok(Math.abs(found - expected) < 0.02, `${found} is not ${expected}`);
  }
});

test('noise of variance s^2 on the release lowers it to Phi((d/n) / sqrt(2 d (1/n + s^2)))', () => {
  const [n, d, s] = [100, 100, 0.1];
  const expected = normalCdf(d / n / Math.sqrt(2 * d * (1 / n + s ** 2)));
  const found = tracedAuc(n, d, s);
  assert.ok(Math.abs(found - expected) < 0.02, `${found} is not ${expected}`);
});

test('refuses samples of another dimension', () => {
  assert.throws(
    () => meanTracingScores([1, 2], { data: new Float64Array(3), shape: [1, 3] }),
    (error) => error instanceof EngramError && error.code === 'ENG_SHAPE_MISMATCH',
  );
});
