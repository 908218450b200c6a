import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tprAtFpr } from '@engram/metrics';
import { unreachableRates } from './tied-scores.js';

const membership = Uint8Array.from({ length: 400 }, (_, i) => i % 2);

test('rates below the share of non-members at the highest score cannot be reached', () => {
  // Of 200 non-members every fourth, 50, has the highest score: a share of 0.25.
  const scores = Float64Array.from({ length: 400 }, (_, i) => (i % 2 === 1 || i % 8 === 0 ? 1 : 0));
  assert.deepEqual(unreachableRates(scores, membership, [0.5, 0.25, 0.1, 0.01]), [0.1, 0.01]);
  const { tpr } = tprAtFpr(scores, membership, { fpr: 0.1 });
  assert.ok(tpr.status === 'measured' && tpr.value === 0);
});

test('every rate is reached where members alone have the highest score, or where no scores tie', () => {
  const above = Float64Array.from({ length: 400 }, (_, i) => (i === 1 ? 2 : 1));
  assert.deepEqual(unreachableRates(above, membership, [0.1, 0.01]), []);
  const distinct = Float64Array.from({ length: 400 }, (_, i) => i);
  assert.deepEqual(unreachableRates(distinct, membership, [0.1, 0.01]), []);
});
