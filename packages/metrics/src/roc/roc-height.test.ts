import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, normalCdf, normalQuantile } from '@engram/numeric';
import { rocHeight, tprAtFpr } from '../index.js';

test('holds the population rate more often than the interval of the threshold used', () => {
  // Members N(1, 1): TPR at 10 % is Phi(1 - z_0.9) = 0.389144.
  const truth = normalCdf(1 - normalQuantile(0.9));
  const membership = Uint8Array.from({ length: 800 }, (_, i) => i % 2);
  const held = { height: 0, threshold: 0 };
  const runs = 400;
  for (let run = 0; run < runs; run += 1) {
    const random = createRandom(run);
    const scores = Float64Array.from(membership, (member) => random.normal() + member);
    const height = rocHeight(scores, membership, { fpr: 0.1 });
    const { tpr } = tprAtFpr(scores, membership, { fpr: 0.1 });
    assert.ok(height.status === 'measured' && tpr.status === 'measured' && height.value === tpr.value);
    if (height.low <= truth && truth <= height.high) held.height += 1;
    if (tpr.low <= truth && truth <= tpr.high) held.threshold += 1;
  }
  assert.ok(held.height / runs > 0.95, `${held.height}`);
  assert.ok(held.threshold < held.height);
});

test('counts members above the ranks whose rate is surely below and above the one asked for', () => {
  // 99 non-members 1..99, 100 members 0.5..99.5: j members lie above the j-th largest non-member. scipy 1.17.1 at 10 % and a
  // quarter of 0.0125: beta.sf(0.1, j, 100 - j) <= 0.0125 up to j = 4, beta.cdf <= 0.0125 from j = 18 on; the ends are
  // beta.ppf(0.0125, 4, 97) and beta.ppf(0.9875, 19, 82). Tolerance 1e-9.
  const scores = [...Array.from({ length: 99 }, (_, i) => i + 1), ...Array.from({ length: 100 }, (_, i) => i + 0.5)];
  const membership = [...new Array<number>(99).fill(0), ...new Array<number>(100).fill(1)];
  const got = rocHeight(scores, membership, { fpr: 0.1 });
  assert.ok(got.status === 'measured');
  assert.deepEqual([got.n, got.method], [199, 'order']);
  assert.ok(Math.abs(got.low - 0.008896238404235004) < 1e-9 && Math.abs(got.high - 0.28253685596564776) < 1e-9);
});

test('is not measured with too few non-members or one side only', () => {
  const scores = Float64Array.from({ length: 60 }, (_, i) => i);
  const few = rocHeight(
    scores,
    scores.map((_, i) => i % 2),
    { fpr: 0.01 },
  );
  assert.ok(few.status === 'notMeasured' && few.code === 'ENG_INSUFFICIENT_SAMPLES' && /299/.test(few.reason));
  const one = rocHeight(scores, new Uint8Array(60), { fpr: 0.1 });
  assert.ok(one.status === 'notMeasured' && one.code === 'ENG_ONE_CLASS_ONLY');
});
