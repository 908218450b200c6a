import type { TypedArray } from '@engram/domain';
import { probabilityKey } from './loss-under.js';
import type { SignalRequirement } from './requirements.js';
import type { MembershipSignals } from './signals.js';
import { measuredValues } from './target-measure.js';

/** Ways to spoil exactly what a requirement reads, for the laws every attack must keep. */

/** The array a requirement reads; of `signals` itself, not a copy. */
export function arrayOf(signals: Required<MembershipSignals>, requirement: SignalRequirement): TypedArray {
  const { labels, target, reference, calibration, covariates } = signals;
  switch (requirement.signal) {
    case 'labels':
      return labels;
    case 'loss':
    case 'likelihood':
    case 'squaredError':
      return target.loss!;
    case 'scaledConfidence':
      return target.scaledConfidence!;
    case 'probabilities':
      return target.logProbabilities!.data;
    case 'correct':
      return target.correct!;
    case 'calibration':
      return calibration;
    case 'covariates':
      return covariates.data;
    case 'referenceProbabilities':
      return reference.topProbabilities!.data;
    case 'queries':
      return target.queryConfidence!.data;
    case 'lossUnder':
      return target.lossUnder![probabilityKey(requirement.probability)].data;
    case 'measure':
      return measuredValues(target.measured, requirement.measure).data;
    case 'referenceMeasure':
      return measuredValues(reference.measured, requirement.measure).data;
    case 'referenceIn':
    case 'referenceOut':
      return reference[requirement.reads]!;
  }
}

/** Whether NaN can stand in what the requirement reads: marks and class indices are integers. */
export function holdsFloats(requirement: SignalRequirement): boolean {
  return !['labels', 'correct', 'calibration'].includes(requirement.signal);
}

/** The signals with one value of what a requirement reads replaced. */
export function withValue(signals: Required<MembershipSignals>, requirement: SignalRequirement, value: number) {
  const changed = structuredClone(signals);
  arrayOf(changed, requirement)[3] = value;
  return changed;
}

/** The signals with one sample fewer in what a requirement reads. */
export function truncated(signals: Required<MembershipSignals>, requirement: SignalRequirement): MembershipSignals {
  const { target, reference } = signals;
  const shorter = <T extends TypedArray>(array: { data: T; shape: readonly number[] }) => ({
    data: array.data.slice(1) as T,
    shape: array.shape.map((size, axis) => (axis === array.shape.length - 1 ? size - 1 : size)),
  });
  switch (requirement.signal) {
    case 'labels':
      return { ...signals, labels: signals.labels.slice(1) };
    case 'calibration':
      return { ...signals, calibration: signals.calibration.slice(1) };
    case 'covariates':
      return {
        ...signals,
        covariates: { data: signals.covariates.data.slice(2), shape: [target.loss!.length - 1, 2] },
      };
    case 'loss':
    case 'likelihood':
    case 'squaredError':
      return { ...signals, target: { ...target, loss: target.loss!.slice(1) } };
    case 'scaledConfidence':
      return { ...signals, target: { ...target, scaledConfidence: target.scaledConfidence!.slice(1) } };
    case 'correct':
      return { ...signals, target: { ...target, correct: target.correct!.slice(1) } };
    case 'probabilities':
      return { ...signals, target: { ...target, logProbabilities: { data: new Float64Array(57), shape: [19, 3] } } };
    case 'queries':
      return { ...signals, target: { ...target, queryConfidence: shorter(target.queryConfidence!) } };
    case 'lossUnder': {
      const under = Object.entries(target.lossUnder!).map(([key, values]) => [key, shorter(values)]);
      return { ...signals, target: { ...target, lossUnder: Object.fromEntries(under) } };
    }
    case 'measure': {
      const measured = Object.entries(target.measured!).map(([key, values]) => [key, shorter(values)]);
      return { ...signals, target: { ...target, measured: Object.fromEntries(measured) } };
    }
    case 'referenceMeasure': {
      const measured = Object.entries(reference.measured!).map(([key, values]) => [key, shorter(values)]);
      return { ...signals, reference: { ...reference, measured: Object.fromEntries(measured) } };
    }
    case 'referenceProbabilities':
      return { ...signals, reference: { ...reference, topProbabilities: shorter(reference.topProbabilities!) } };
    case 'referenceIn':
    case 'referenceOut':
      return { ...signals, reference: { ...reference, trainedOn: reference.trainedOn.slice(1) } };
  }
}

/** The signals without what a requirement names. */
export function without(given: Required<MembershipSignals>, requirement: SignalRequirement): MembershipSignals {
  const signals = structuredClone(given);
  const { target, reference } = signals;
  const less = (name: keyof MembershipSignals): MembershipSignals => ({ ...signals, [name]: undefined });
  const lessOfTarget = (name: keyof typeof target) =>
    ({ ...signals, target: { ...target, [name]: undefined } }) as never;
  switch (requirement.signal) {
    case 'labels':
    case 'calibration':
    case 'covariates':
      return less(requirement.signal);
    case 'likelihood':
    case 'squaredError':
      return { ...signals, target: { ...target, squaredError: requirement.signal === 'likelihood' } };
    case 'loss':
    case 'scaledConfidence':
    case 'correct':
    case 'lossUnder':
      return lessOfTarget(requirement.signal);
    case 'probabilities':
      return lessOfTarget('logProbabilities');
    case 'queries':
      return lessOfTarget('queryConfidence');
    case 'measure':
      return lessOfTarget('measured');
    case 'referenceMeasure':
      return { ...signals, reference: { ...reference, measured: undefined } } as never;
    case 'referenceProbabilities':
      return { ...signals, reference: { ...reference, topProbabilities: undefined } } as never;
    case 'referenceIn':
      return { ...signals, reference: { ...reference, trainedOn: reference.trainedOn.fill(0) } };
    case 'referenceOut':
      return less('reference');
  }
}
