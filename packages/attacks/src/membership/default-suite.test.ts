import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AvailableSignals, balancedReferences } from './available-signals.js';
import { defaultMembershipSuite } from './default-suite.js';
import { missingRequirements } from './missing-requirements.js';
import { measureKinds } from './target-measure.js';

const outputs = { labels: true, loss: true, scaledConfidence: true, probabilities: true, population: 0 };
const ids = (available: AvailableSignals) => defaultMembershipSuite(available).map(({ scoreId }) => scoreId);

test('without references the suite is what one model tells', () => {
  assert.deepEqual(ids(outputs), ['loss', 'modifiedEntropy']);
  assert.deepEqual(ids({ ...outputs, probabilities: false }), ['loss']);
  assert.deepEqual(ids({ ...outputs, loss: false, probabilities: false }), []);
});

test('the primary attack follows the number of references', () => {
  const first = (models: number) => ids({ ...outputs, reference: balancedReferences(models) })[0];
  assert.equal(first(2), 'rmia-offline-tuned');
  assert.equal(first(4), 'rmia-offline-tuned');
  assert.equal(first(8), 'rmia');
  assert.equal(first(16), 'lira');
  assert.equal(first(64), 'lira');
});

test('the likelihood ratio asks about the forms of images that training drew from', () => {
  const first = (queries: number, trainedForms?: number) =>
    ids({
      ...outputs,
      queries,
      ...(trainedForms === undefined ? {} : { trainedForms }),
      reference: balancedReferences(16),
    })[0];
  assert.equal(first(18), 'lira');
  assert.equal(first(18, 1), 'lira');
  assert.equal(first(18, 2), 'lira-queries2');
  assert.equal(first(18, 18), 'lira-queries18');
  assert.equal(first(1, 18), 'lira');
});

test('references that never saw the samples give offline attacks only', () => {
  const reference = { ...balancedReferences(16), leastIn: 0, mostIn: 0, leastOut: 16, mostOut: 16 };
  assert.deepEqual(ids({ ...outputs, reference }), ['lira-offline', 'rmia-offline', 'calibratedLoss', 'loss']);
});

test('references with losses alone leave out the likelihood ratio', () => {
  const reference = { ...balancedReferences(16), scaledConfidence: false };
  assert.deepEqual(ids({ ...outputs, scaledConfidence: false, reference }), ['rmia', 'calibratedLoss', 'loss']);
});

test('with enough non-members set aside and no references, what they teach comes first', () => {
  const available = { ...outputs, covariates: true };
  assert.deepEqual(ids({ ...available, calibration: 2000 }), ['quantile', 'loss', 'modifiedEntropy']);
  assert.deepEqual(ids({ ...available, calibration: 1999 }), ['loss', 'modifiedEntropy']);
  assert.deepEqual(ids({ ...available, covariates: false, calibration: 2000 }), ['loss', 'modifiedEntropy']);
  assert.equal(ids({ ...available, calibration: 2000, reference: balancedReferences(16) })[0], 'lira');
});

test('labels alone are asked about changed samples, and otherwise never', () => {
  const labels = {
    labels: true,
    loss: false,
    scaledConfidence: false,
    probabilities: false,
    correct: true,
    population: 0,
  };
  const measures = ['augmentationVotes', 'noiseRobustness', 'boundaryDistance'] as const;
  assert.deepEqual(ids({ ...labels, measures }), ['augmentationVotes', 'gap', 'noiseRobustness']);
  assert.deepEqual(ids({ ...labels, measures: ['noiseRobustness', 'boundaryDistance'] }), ['gap', 'noiseRobustness']);
  assert.deepEqual(ids({ ...outputs, correct: true, measures }), ['loss', 'modifiedEntropy']);
});

test('weights and training add what they tell, behind the attacks on outputs', () => {
  const weights = ['gradientNorm', 'lastLayerGradientNorm', 'leverage'] as const;
  assert.deepEqual(ids({ ...outputs, measures: weights }), ['loss', 'modifiedEntropy', 'gradientNorm', 'leverage']);
  assert.deepEqual(ids({ ...outputs, measures: [...weights, 'lossTrace'], reference: balancedReferences(16) }), [
    'lira',
    'rmia',
    'calibratedLoss',
    'loss',
    'gradientNorm',
    'leverage',
    'lossTraceIqr',
    'cumulativeLoss',
  ]);
});

test('every attack of every suite can run on what it was chosen for, and the first one tests membership', () => {
  fc.assert(
    fc.property(
      fc.record({
        labels: fc.boolean(),
        loss: fc.boolean(),
        scaledConfidence: fc.boolean(),
        probabilities: fc.boolean(),
        correct: fc.boolean(),
        covariates: fc.boolean(),
        population: fc.constant(0),
        calibration: fc.constantFrom(0, 200, 2000),
        measures: fc.subarray([...measureKinds]),
        queries: fc.constantFrom(1, 18),
        trainedForms: fc.constantFrom(1, 2, 18),
        models: fc.constantFrom(0, 1, 2, 3, 4, 5, 15, 16, 64),
      }),
      ({ models, ...offered }) => {
        const available = { ...offered, ...(models === 0 ? {} : { reference: balancedReferences(models) }) };
        const suite = defaultMembershipSuite(available);
        for (const attack of suite) assert.deepEqual(missingRequirements(attack.requires, available), []);
        assert.equal(new Set(suite.map(({ scoreId }) => scoreId)).size, suite.length);
        if (available.loss) assert.equal(suite[0].ranks, 'membership');
      },
    ),
    { seed: 1 },
  );
});
