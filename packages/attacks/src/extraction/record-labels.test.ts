import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { claimRecords, priorAwareSpecificity, recordLabels } from './record-labels.js';

test('a record is memorized above its controls, and extractable only within a budget', () => {
  //                                likely, rare but memorized, likely without memorization, neither, not assessed
  const logP = Float64Array.of(Math.log(0.99), Math.log(1e-27), Math.log(0.99), -50, Math.log(0.99));
  const claims = claimRecords(logP, Float64Array.of(0.01, 0.05, 0.2, 0.9, Number.NaN));
  assert.deepEqual(
    [...claims.label].map((code) => recordLabels[code]),
    ['extractable', 'memorized', 'common', 'notShown', 'common'],
  );
  assert.deepEqual([...claims.memorized], [1, 1, 0, 0, 0]);
});

test('budgets are reported one by one', () => {
  // 0.95 within n needs n >= 1, 29 and 2995 draws.
  const logP = Float64Array.of(Math.log(0.96), Math.log(0.1), Math.log(0.001));
  const { extractable } = claimRecords(logP, new Float64Array(3));
  assert.deepEqual([...extractable], [1, 0, 0, 1, 1, 0, 1, 1, 1]);
});

test('q-values of another length are refused', () => {
  assert.throws(
    () => claimRecords(new Float64Array(2), new Float64Array(3)),
    (error: unknown) => error instanceof EngramError && error.code === 'ENG_SHAPE_MISMATCH',
  );
});

test('specificity is near 0 for common text and large for text tied to its prefix', () => {
  const after = (p: number) => new Float64Array(32).fill(Math.log(p));
  assert.equal(priorAwareSpecificity(Math.log(0.9), after(0.88)).toFixed(2), '0.02');
  assert.equal(priorAwareSpecificity(Math.log(0.9), after(1e-6)).toFixed(1), '13.7');
});
