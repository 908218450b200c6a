import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, normalCdf, normalQuantile } from '@engram/numeric';
import { ridgeDeletion } from '../../unlearning/ridge-deletion.js';
import { leverage } from './index.js';
import { leverageScores } from './score.js';

test('is the drop itself, in an array of its own', () => {
  const drops = Float64Array.of(0.1, 3);
  assert.deepEqual(leverageScores(drops), drops);
  assert.notEqual(leverageScores(drops), drops);
});

test('says that it ranks members rather than tests membership', () => {
  assert.equal(leverage.ranks, 'vulnerability');
});

test('with leverage h the residual of a least squares fit has an AUC of (2/pi) arctan(1/(1-h))', () => {
  const table = [
    { h: 0.1, auc: 0.533475 },
    { h: 0.25, auc: 0.590334 },
    { h: 0.5, auc: 0.704833, tpr: 0.019998 },
    { h: 0.9, auc: 0.936549, tpr: 0.099741 },
  ];
  for (const { h, auc, tpr } of table) {
    assert.equal(((2 / Math.PI) * Math.atan(1 / (1 - h))).toFixed(6), auc.toFixed(6));
    if (tpr !== undefined)
      assert.equal((2 * normalCdf(normalQuantile((1 + 0.01) / 2) / (1 - h)) - 1).toFixed(6), tpr.toFixed(6));
    const found = residualAuc(h, 10_000);
    // At 10,000 a side the standard error under chance is 0.0041, and it is largest there.
    assert.ok(Math.abs(found - auc) < 4 * 0.0041, `h ${h}: ${found}`);
  }
});

/** One sample at x = sqrt(h / (1 - h)) beside another at 1, so of leverage h, with it and without it in many fits. */
function residualAuc(h: number, fits: number): number {
  const random = createRandom(17);
  const x = Math.sqrt(h / (1 - h));
  const features = { data: Float64Array.of(x, 1), shape: [2, 1] };
  const inside = new Float64Array(fits);
  const outside = new Float64Array(fits);
  for (let fit = 0; fit < fits; fit += 1) {
    const y = Float64Array.of(random.normal(), random.normal());
    const { weights, deleted, leverage: found } = ridgeDeletion(features, y, 1e-12, [0]);
    if (fit === 0) assert.ok(Math.abs(found[0] - h) < 1e-9);
    inside[fit] = Math.abs(y[0] - x * weights[0]);
    outside[fit] = Math.abs(random.normal() - x * deleted[0]);
  }
  inside.sort();
  outside.sort();
  let wins = 0;
  let below = 0;
  // Members have the smaller residual.
  for (const residual of outside) {
    while (below < fits && inside[below] < residual) below += 1;
    wins += below;
  }
  return wins / fits ** 2;
}
