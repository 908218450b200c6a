import { EngramError, type NdArray } from '@engram/domain';
import { nonFiniteValues } from '@engram/numeric';
import { probabilityKey } from './loss-under.js';
import { isRequiredOf } from './required-of.js';
import type { SignalRequirement } from './requirements.js';
import { type MembershipSignals, sampleCount, type TargetSignals } from './signals.js';
import { measuredValues } from './target-measure.js';

/**
 * Refuses arrays that do not describe the same samples and models.
 *
 * @throws ENG_INSUFFICIENT_SAMPLES no samples. ENG_SHAPE_MISMATCH lengths disagree, or a mask holds more than 0 and 1.
 */
export function checkShapes(signals: MembershipSignals): void {
  const { labels, target, reference, calibration, covariates } = signals;
  const n = sampleCount(signals);
  if (n === 0)
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected at least one sample to score, got none', {
      remedy: 'Give members and non-members to score.',
    });
  checkLength('labels', labels, n);
  checkLength('scaled confidence', target.scaledConfidence, n);
  checkLength('correct', target.correct, n);
  checkLength('calibration', calibration, n);
  if (target.logProbabilities !== undefined) checkMatrix(target.logProbabilities, n);
  for (const [name, values] of Object.entries(target.probabilitySummary ?? {}))
    if (ArrayBuffer.isView(values)) checkLength(name, values as Float64Array, n);
  checkShape('covariates', covariates, [n, covariates?.shape[1] ?? 0]);
  const queries = target.queryConfidence?.shape[0];
  checkShape('the confidence on augmented forms', target.queryConfidence, [queries ?? 0, n]);
  for (const [key, values] of [...Object.entries(target.lossUnder ?? {}), ...Object.entries(target.measured ?? {})])
    checkShape(key, values, [...values.shape.slice(0, -1), n]);
  if (reference === undefined) return;
  const { models, trainedOn, loss, scaledConfidence, topProbabilities, queryConfidence } = reference;
  checkLength('reference correct', reference.correct, n, models);
  checkLength('reference entropy', reference.entropy, n, models);
  checkLength('reference modified entropy', reference.modifiedEntropy, n, models);
  checkLength('reference margin', reference.margin, n, models);
  checkShape('the probabilities of reference models', topProbabilities, [models, n, topProbabilities?.shape[2] ?? 0]);
  for (const [key, values] of Object.entries(reference.measured ?? {}))
    checkShape(`${key} of the reference models`, values, [models, n]);
  for (const [key, values] of Object.entries(reference.lossUnder ?? {}))
    checkShape(`${key} of the reference models`, values, [models, values.shape[1] ?? 0, n]);
  const theirs = [models, queries ?? queryConfidence?.shape[1] ?? 0, n];
  checkShape('the confidence of reference models on augmented forms', queryConfidence, theirs);
  checkLength('trainedOn', trainedOn, n, models);
  checkLength('reference loss', loss, n, models);
  checkLength('reference scaled confidence', scaledConfidence, n, models);
  const mark = trainedOn.find((value) => value > 1);
  if (mark !== undefined)
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected 0 or 1 in trainedOn, got ${mark}`, {
      remedy: 'Mark a sample 1 for the models trained on it and 0 for the others.',
    });
}

/**
 * Refuses values an attack would turn into numbers that mean nothing. Only what the attack reads is looked at.
 *
 * @throws ENG_VALUES_NOT_FINITE with the count and the first row. ENG_LABEL_OUT_OF_RANGE.
 */
export function checkValues(signals: MembershipSignals, requirements: readonly SignalRequirement[]): void {
  const n = sampleCount(signals);
  for (const requirement of requirements) {
    if (!isRequiredOf(requirement, signals.target)) continue;
    switch (requirement.signal) {
      case 'loss':
        checkFinite('the loss', signals.target.loss!, n);
        break;
      case 'scaledConfidence':
        checkFinite('the scaled confidence', signals.target.scaledConfidence!, n);
        break;
      case 'labels':
        checkLabels(signals, n);
        break;
      case 'probabilities':
        checkProbabilities(signals.target, n);
        break;
      case 'correct':
      case 'calibration':
      case 'likelihood':
      case 'squaredError':
        break;
      case 'covariates':
        checkFinite('the covariates', signals.covariates!.data, n);
        break;
      case 'referenceProbabilities':
        checkFinite('the probabilities of reference models', signals.reference!.topProbabilities!.data, n);
        checkFinite('the entropy of reference models', signals.reference!.entropy!, n);
        break;
      case 'queries':
        checkFinite('the confidence on augmented forms', signals.target.queryConfidence!.data, n);
        checkFinite(
          'the confidence of reference models on augmented forms',
          signals.reference!.queryConfidence!.data,
          n,
        );
        break;
      case 'lossUnder': {
        const key = probabilityKey(requirement.probability);
        checkFinite(`the loss under ${key}`, signals.target.lossUnder![key].data, n);
        checkFinite(`the loss of the reference models under ${key}`, signals.reference!.lossUnder![key].data, n);
        break;
      }
      case 'measure':
        checkFinite(requirement.measure.kind, measuredValues(signals.target.measured, requirement.measure).data, n);
        break;
      case 'referenceMeasure': {
        const { kind } = requirement.measure;
        const { data } = measuredValues(signals.reference!.measured, requirement.measure);
        checkFinite(`${kind} of the reference models`, data, n);
        break;
      }
      case 'referenceOut':
      case 'referenceIn':
        checkFinite(`the ${requirement.reads} of the reference models`, signals.reference![requirement.reads]!, n);
        break;
    }
  }
}

function checkLength(name: string, values: { readonly length: number } | undefined, n: number, models?: number): void {
  if (values === undefined || values.length === n * (models ?? 1)) return;
  const expected = models === undefined ? n : `${models} x ${n}`;
  throw new EngramError('ENG_SHAPE_MISMATCH', `expected ${expected} values of ${name}, got ${values.length}`);
}

function checkShape(name: string, array: NdArray | undefined, expected: readonly number[]): void {
  if (array === undefined) return;
  const fits = array.shape.join() === expected.join() && array.data.length === expected.reduce((a, b) => a * b, 1);
  if (!fits)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected ${name} of shape (${expected.join(', ')}), got (${array.shape.join(', ')})`,
    );
}

function checkMatrix({ data, shape }: NdArray, n: number): void {
  if (shape.length !== 2 || shape[0] !== n || data.length !== n * shape[1])
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected log-probabilities of shape (${n}, classes), got (${shape.join(', ')})`,
    );
}

function checkFinite(name: string, values: Float64Array | Float32Array, n: number): void {
  const faulty = nonFiniteValues(values);
  if (faulty !== null) throw notFinite(name, faulty.count, faulty.first % n);
}

function checkProbabilities({ logProbabilities, probabilitySummary }: TargetSignals, n: number): void {
  if (logProbabilities !== undefined) checkLogProbabilities(logProbabilities);
  else
    for (const name of ['entropy', 'modifiedEntropy', 'margin'] as const)
      checkFinite(`the ${name}`, probabilitySummary![name], n);
}

function checkLogProbabilities({ data, shape }: NdArray<Float64Array>): void {
  const classes = shape[1];
  let faulty = 0;
  let first = -1;
  for (let i = 0; i < data.length; i += 1) {
    // A little above 0 is rounding of float32 outputs; -Infinity is a class given no probability.
    if (data[i] <= 1e-3) continue;
    if (faulty === 0) first = Math.floor(i / classes);
    faulty += 1;
  }
  if (faulty > 0) throw notFinite('the log-probabilities', faulty, first);
}

function checkLabels(signals: MembershipSignals, n: number): void {
  const labels = signals.labels!;
  const classes = signals.target.logProbabilities?.shape[1] ?? Infinity;
  let faulty = 0;
  let first = -1;
  for (let i = 0; i < n; i += 1) {
    if (labels[i] >= 0 && labels[i] < classes) continue;
    if (faulty === 0) first = i;
    faulty += 1;
  }
  if (faulty > 0)
    throw new EngramError(
      'ENG_LABEL_OUT_OF_RANGE',
      `expected labels from 0 to ${classes - 1}, got ${faulty} outside, the first in row ${first}`,
      { remedy: 'Number the classes from 0 in the order of the model outputs.', details: { count: faulty, first } },
    );
}

function notFinite(name: string, faulty: number, first: number): EngramError {
  return new EngramError(
    'ENG_VALUES_NOT_FINITE',
    `expected finite numbers for ${name}, got ${faulty} that are not, the first in row ${first}`,
    {
      remedy: 'Remove these samples, or check why the model gives no number for them.',
      details: { count: faulty, first },
    },
  );
}
