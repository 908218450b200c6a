import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultMembershipSuite } from './default-suite.js';
import { type AvailableSignals, balancedReferences, missingRequirements } from './requirements.js';

const outputs = { labels: true, loss: true, scaledConfidence: true, probabilities: true, population: 0 };
const ids = (available: AvailableSignals) => defaultMembershipSuite(available).map(({ scoreId }) => scoreId);

test('without references the suite is what one model tells', () => {
  assert.deepEqual(ids(outputs), ['loss', 'modifiedEntropy']);
  assert.deepEqual(ids({ ...outputs, probabilities: false }), ['loss']);
  assert.deepEqual(ids({ ...outputs, loss: false, probabilities: false }), []);
});

test('the primary attack follows the number of references', () => {
  const first = (models: number) => ids({ ...outputs, reference: balancedReferences(models) })[0];
  assert.equal(first(2), 'rmia-offline');
  assert.equal(first(4), 'rmia-offline');
  assert.equal(first(8), 'rmia');
  assert.equal(first(16), 'lira');
  assert.equal(first(64), 'lira');
});

test('references that never saw the samples give offline attacks only', () => {
  const reference = { ...balancedReferences(16), leastIn: 0, mostIn: 0, leastOut: 16, mostOut: 16 };
  assert.deepEqual(ids({ ...outputs, reference }), ['lira-offline', 'rmia-offline', 'calibratedLoss', 'loss']);
});

test('references with losses alone leave out the likelihood ratio', () => {
  const reference = { ...balancedReferences(16), scaledConfidence: false };
  assert.deepEqual(ids({ ...outputs, scaledConfidence: false, reference }), ['rmia', 'calibratedLoss', 'loss']);
});

test('every attack of every suite can run on what it was chosen for', () => {
  for (const models of [0, 1, 2, 3, 4, 5, 15, 16, 64]) {
    const available = { ...outputs, ...(models === 0 ? {} : { reference: balancedReferences(models) }) };
    const suite = defaultMembershipSuite(available);
    assert.ok(suite.length > 0);
    for (const attack of suite) assert.deepEqual(missingRequirements(attack.requires, available), []);
  }
});
