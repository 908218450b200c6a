import { EngramError } from '@engram/domain';
import type { SignalRequirement } from './requirements.js';
import { type MembershipSignals, sampleCount } from './signals.js';

/**
 * Refuses signals an attack would turn into numbers that mean nothing. Only what the attack reads is looked at.
 *
 * @throws ENG_INSUFFICIENT_SAMPLES no samples. ENG_SHAPE_MISMATCH arrays disagree. ENG_VALUES_NOT_FINITE with the count and
 *   the first row. ENG_LABEL_OUT_OF_RANGE.
 */
export function checkSignals(signals: MembershipSignals, requirements: readonly SignalRequirement[]): void {
  const n = sampleCount(signals);
  if (n === 0)
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected at least one sample to score, got none', {
      remedy: 'Give members and non-members to score.',
    });
  for (const requirement of requirements) {
    switch (requirement.signal) {
      case 'loss':
        checkValues('the loss', signals.target.loss, n, 1);
        break;
      case 'scaledConfidence':
        checkValues('the scaled confidence', signals.target.scaledConfidence!, n, 1);
        break;
      case 'labels':
        checkLabels(signals, n);
        break;
      case 'probabilities':
        checkLogProbabilities(signals, n);
        break;
      case 'referenceIn':
      case 'referenceOut':
        checkReference(signals, n, requirement.reads);
        break;
    }
  }
}

function checkReference(signals: MembershipSignals, n: number, reads: 'loss' | 'scaledConfidence'): void {
  const { models, trainedOn, ...values } = signals.reference!;
  checkLength('trainedOn of the reference models', trainedOn.length, models, n);
  for (const mark of trainedOn) {
    if (mark > 1)
      throw new EngramError('ENG_SHAPE_MISMATCH', `expected 0 or 1 in trainedOn, got ${mark}`, {
        remedy: 'Mark a sample 1 for the models trained on it and 0 for the others.',
      });
  }
  checkValues(`the ${reads} of the reference models`, values[reads]!, n, models);
}

function checkValues(name: string, values: Float64Array, n: number, models: number): void {
  checkLength(name, values.length, models, n);
  let faulty = 0;
  let first = -1;
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isFinite(values[i])) continue;
    if (faulty === 0) first = i % n;
    faulty += 1;
  }
  if (faulty > 0) throw notFinite(name, faulty, first);
}

function checkLogProbabilities(signals: MembershipSignals, n: number): void {
  const { data, shape } = signals.target.logProbabilities!;
  const classes = shape[1];
  if (shape.length !== 2 || shape[0] !== n || data.length !== n * classes)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected log-probabilities of shape (${n}, classes), got (${shape.join(', ')})`,
    );
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
  checkLength('labels', labels.length, 1, n);
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

function checkLength(name: string, length: number, models: number, n: number): void {
  if (length !== models * n)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected ${models === 1 ? n : `${models} x ${n}`} values of ${name}, got ${length}`,
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
