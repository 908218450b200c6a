import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAttackRequest } from './attack-request.js';
import { availableSignals, balancedReferences } from './available-signals.js';
import { missingRequirements, thinRequirements } from './missing-requirements.js';
import type { MembershipSignals } from './signals.js';
import { measureKinds } from './target-measure.js';
import { toySignals } from './toy-signals.js';

const outputs = { labels: true, loss: true, scaledConfidence: true, probabilities: true, population: 0 };
const lira = (params: object = {}) => parseAttackRequest({ attack: 'lira', ...params }).requires;

test('what only classes tell is refused of a regression, with what can be asked instead', () => {
  const regression = {
    labels: false,
    loss: true,
    scaledConfidence: true,
    probabilities: false,
    squaredError: true,
    population: 0,
    reference: balancedReferences(8),
  };
  const missing = (attack: string, params: object = {}) =>
    missingRequirements(parseAttackRequest({ attack, ...params }).requires, regression);
  for (const attack of ['loss', 'calibratedLoss', 'lira']) assert.deepEqual(missing(attack), [], attack);
  assert.deepEqual(missing('lira', { mode: 'offline', variance: 'global' }), []);
  for (const attack of ['rmia', 'base', 'entropy', 'gap', 'shadowClassifier', 'boundaryDistance'])
    assert.match(missing(attack)[0]?.message ?? '', /expected a classifier.*got a regression/, attack);
  const whole = { ...regression, calibration: 200, covariates: true, measures: measureKinds };
  for (const attack of ['quantile', 'gradientNorm', 'leverage', 'linearRegression'])
    assert.deepEqual(missingRequirements(parseAttackRequest(attack).requires, whole), [], attack);
  for (const attack of ['gradientNorm', 'leverage'])
    assert.match(missing(attack)[0]?.remedy ?? '', /layers model that ends in a dense layer/, attack);
  const ofClassifier = missingRequirements(
    parseAttackRequest({ attack: 'linearRegression', statistic: 'loss' }).requires,
    { ...regression, squaredError: false },
  );
  assert.match(ofClassifier[0]!.message, /^expected the squared errors of a regression, got/);
});

test('what no label tells is refused of a target that tells labels alone, with what can be asked instead', () => {
  const labels = { ...outputs, loss: false, scaledConfidence: false, probabilities: false, correct: true };
  const available = { ...labels, reference: balancedReferences(8), measures: ['noiseRobustness'] as const };
  const missing = (attack: string, params: object = {}) =>
    missingRequirements(parseAttackRequest({ attack, ...params }).requires, available);
  for (const attack of ['gap', 'noiseRobustness']) assert.deepEqual(missing(attack), [], attack);
  for (const attack of [
    'loss',
    'entropy',
    'calibratedLoss',
    'lira',
    'rmia',
    'gradientNorm',
    'leverage',
    'lossTraceIqr',
  ]) {
    const [{ message, remedy }] = missing(attack);
    assert.match(message, /^expected .*, got a target that tells labels alone$/, attack);
    assert.match(remedy, /gap.*augmentationVotes/, attack);
  }
  // Only a model of images would help here, whatever else the target told.
  assert.match(missing('augmentationVotes')[0].message, /a model of images/);
});

test('signals without a loss are counted by what is there', () => {
  const { target, labels } = toySignals(30, 6, 1);
  const { correct } = target;
  const told = availableSignals({ labels, target: { correct: correct! } });
  assert.equal(told.loss, false);
  assert.equal(told.correct, true);
  assert.equal(parseAttackRequest('gap').score({ target: { correct: correct! } }, { seed: 1 }).length, 30);
  assert.throws(
    () => parseAttackRequest('gap').score({ labels: labels.slice(1), target: { correct: correct! } }, { seed: 1 }),
    /expected 30 values of labels, got 29/,
  );
});

test('what signals offer is counted per sample', () => {
  const signals = toySignals(30, 6, 1);
  assert.deepEqual(availableSignals(signals), {
    ...outputs,
    correct: true,
    covariates: true,
    referenceProbabilities: true,
    calibration: 7,
    queries: 18,
    measures: [],
    referenceMeasures: [],
    population: 30,
    reference: balancedReferences(6),
  });
  const { loss, scaledConfidence, logProbabilities } = signals.target;
  assert.deepEqual(availableSignals({ target: { loss, scaledConfidence, logProbabilities } } as MembershipSignals), {
    ...outputs,
    labels: false,
    correct: false,
    covariates: false,
    referenceProbabilities: false,
    calibration: 0,
    queries: 1,
    measures: [],
    referenceMeasures: [],
  });
});

test('per-sample LiRA needs two models on each side of every sample, and thirty-two to be at its best', () => {
  const perSample = lira({ variance: 'perSample' });
  const with_ = (models: number) => ({ ...outputs, reference: balancedReferences(models) });
  assert.equal(missingRequirements(perSample, with_(2)).length, 2);
  assert.deepEqual(missingRequirements(perSample, with_(4)), []);
  assert.equal(thinRequirements(perSample, with_(4)).length, 2);
  assert.deepEqual(thinRequirements(perSample, with_(64)), []);
  assert.deepEqual(thinRequirements(perSample, with_(2)), []);
});

test('moderated LiRA needs one model on each side of every sample and two somewhere', () => {
  assert.match(missingRequirements(lira(), { ...outputs, reference: balancedReferences(2) })[0].message, /some sample/);
  assert.deepEqual(missingRequirements(lira(), { ...outputs, reference: balancedReferences(3) }), []);
});

test('samples no model trained on are refused with offline as the way out', () => {
  const reference = { ...balancedReferences(8), leastIn: 0, mostIn: 4 };
  const [missing] = missingRequirements(lira(), { ...outputs, reference });
  assert.match(missing.message, /got as few as 0 of 8/);
  assert.match(missing.remedy, /offline/);
  assert.deepEqual(missingRequirements(lira({ mode: 'offline' }), { ...outputs, reference }), []);
});
