import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, logisticRegressionL2 } from '@engram/numeric';
import { auc, calibratedThreshold, tprAtCalibratedThreshold } from '../index.js';

const columns = 40;

/** The portable shadow-model benchmark: 64 logistic regressions on complementary halves of 200 planted rows. */
function benchmark() {
  const random = createRandom(12345);
  const rows = Float64Array.from({ length: 400 * columns }, () => random.normal());
  const slope = 2 / Math.sqrt(columns);
  const margin = (row: number, weights: (j: number) => number) => {
    let sum = 0;
    for (let j = 0; j < columns; j += 1) sum += rows[row * columns + j]! * weights(j);
    return sum;
  };
  const labels = Uint8Array.from({ length: 400 }, (_, i) =>
    random.uniform() < 1 / (1 + Math.exp(-margin(i, () => slope))) ? 1 : 0,
  );
  const models: { membership: Uint8Array; scores: Float64Array }[] = [];
  for (let pair = 0; pair < 32; pair += 1) {
    const order = random.shuffle(Int32Array.from({ length: 200 }, (_, i) => i));
    for (const chosen of [order.subarray(0, 100), order.subarray(100)]) {
      const data = new Float64Array(100 * columns);
      chosen.forEach((row, i) => {
        data.set(rows.subarray(row * columns, (row + 1) * columns), i * columns);
      });
      const fit = logisticRegressionL2(
        { data, shape: [100, columns] },
        Array.from(chosen, (row) => labels[row]!),
        { penalty: 0.5, intercept: false, tolerance: 1e-10 },
      );
      const membership = new Uint8Array(200);
      for (const row of chosen) membership[row] = 1;
      // The margin of the true label: the negated loss, and the scaled confidence, up to an increasing map.
      const scores = Float64Array.from(membership, (_, row) => {
        const logOdds = margin(row, (j) => fit.weights[j]!);
        return labels[row] === 1 ? logOdds : -logOdds;
      });
      models.push({ membership, scores });
    }
  }
  return models;
}

test('the global loss on the portable benchmark has its published AUC and TPR', () => {
  const models = benchmark();
  const area = models.map(({ scores, membership }) => auc(scores, membership));
  const meanArea =
    area.reduce((sum, measured) => sum + (measured.status === 'measured' ? measured.value : Number.NaN), 0) / 64;
  // Published to six decimals.
  assert.ok(Math.abs(meanArea - 0.603694) < 5e-7, `expected 0.603694, got ${meanArea}`);
  const pooled = models.flatMap(({ scores }) => [...scores]);
  const membership = models.flatMap((model) => [...model.membership]);
  const nonMembers = pooled.filter((_, i) => membership[i] === 0);
  assert.equal(nonMembers.length, 6400);
  const threshold = calibratedThreshold(nonMembers, 0.01);
  assert.ok(threshold.status === 'measured' && threshold.rank === 64);
  const point = tprAtCalibratedThreshold(pooled, membership, nonMembers, { fpr: 0.01 });
  assert.ok(point.tpr.status === 'measured');
  // Published to four decimals.
  assert.ok(Math.abs(point.tpr.value - 0.0136) < 5e-5, `expected 0.0136, got ${point.tpr.value}`);
});
