import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inclusionCountAuc, inclusionCounts, inclusionHistogramAuc, leaksMembership } from './inclusion-counts.js';

// Three models on four samples.
const trainedOn = Uint8Array.from([1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0]);
const membership = Uint8Array.from([1, 1, 0, 0]);

test('counts the models trained on each sample', () => {
  assert.deepEqual([...inclusionCounts(trainedOn, 3, 4)], [3, 1, 1, 0]);
});

test('counts tied pairs as half, from masks and from histograms alike', () => {
  // Members are in 3 and 1 models, non-members in 1 and 0: three pairs won and one tied; (2 + 2 + 1) / (12 * 2 * 2).
  const expected = { auc: 3.5 / 4, standardError: Math.sqrt(5 / 48) };
  assert.deepEqual(inclusionCountAuc(trainedOn, 3, membership), expected);
  assert.deepEqual(inclusionHistogramAuc([0, 1, 0, 1], [1, 1, 0, 0]), expected);
});

test('masks leak membership from more than four standard errors on, on either side of 1/2', () => {
  for (const [standardErrors, leaks] of [
    [3.99, false],
    [4.01, true],
    [-3.99, false],
    [-4.01, true],
  ] as const)
    assert.equal(
      leaksMembership({ auc: 0.5 + standardErrors * 0.01, standardError: 0.01 }),
      leaks,
      `${standardErrors}`,
    );
});

test('with one class only there is nothing to leak', () => {
  const members = Uint8Array.from([1, 1, 1, 1]);
  const told = inclusionCountAuc(trainedOn, 3, members);
  assert.ok(Number.isNaN(told.auc));
  assert.equal(leaksMembership(told), false);
});
