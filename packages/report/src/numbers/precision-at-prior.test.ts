import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Measured, notMeasured } from '@engram/domain';
import { precisionAtPrior } from './precision-at-prior.js';

const rate = (value: number, low: number, high: number): Measured => ({
  status: 'measured',
  value,
  low,
  high,
  confidence: 0.95,
  n: 1000,
  method: 'clopperPearson',
});

test('precision is the share of right accusations at the prior', () => {
  // .1 × .3 / (.1 × .3 + .9 × .01) = .03 / .039; ends: .02 / (.02 + .018), .04 / (.04 + .0045)
  const found = precisionAtPrior(rate(0.3, 0.2, 0.4), rate(0.01, 0.005, 0.02), 0.1);
  assert.ok(found !== null);
  assert.ok(Math.abs(found.value - 0.03 / 0.039) < 1e-12);
  assert.ok(Math.abs(found.low - 0.02 / 0.038) < 1e-12);
  assert.ok(Math.abs(found.high - 0.04 / 0.0445) < 1e-12);
});

test('an attack that accuses nobody has no precision', () => {
  assert.equal(precisionAtPrior(rate(0, 0, 0.01), rate(0, 0, 0.01), 0.5), null);
});

test('a rate that was not measured gives no precision', () => {
  const none = notMeasured('ENG_INSUFFICIENT_SAMPLES', 'too few');
  assert.equal(precisionAtPrior(none, rate(0.1, 0, 0.2), 0.5), null);
});
