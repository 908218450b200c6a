import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantityOfFinding } from './quantity-of-finding.js';

test('a finding is written in what its kind measures', () => {
  assert.equal(quantityOfFinding('membership.lira-offline.auc'), 'auc');
  assert.equal(quantityOfFinding('membership.lira.tpr@0.001'), 'rate');
  assert.equal(quantityOfFinding('membership.gate.blindBaseline'), 'auc');
  assert.equal(quantityOfFinding('membership.gate.sharedSamples'), 'rate');
  assert.equal(quantityOfFinding('extraction.exposure@100'), 'bits');
  assert.equal(quantityOfFinding('unlearningDifficulty.privacyLoss.rankCorrelation.gapBefore'), 'correlation');
  assert.equal(quantityOfFinding('memorization.members@0.25'), 'rate');
  assert.equal(quantityOfFinding('labelMemorization.earlyLearning'), 'points');
});

test('a bound on epsilon is shown by a share of right guesses', () => {
  assert.equal(quantityOfFinding('privacyBounds.oneRun.epsilon'), 'rate');
});

test('words inside an id of an unknown kind decide nothing', () => {
  assert.equal(quantityOfFinding('something.else.auc'), 'number');
  assert.equal(quantityOfFinding('traceability.steps'), 'number');
});
