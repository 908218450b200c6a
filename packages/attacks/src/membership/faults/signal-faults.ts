import type { Fault } from '../../requirement-fault.js';
import type { AvailableSignals } from '../available-signals.js';
import type { ProbabilityOfTruth } from '../loss-under.js';
import { isRequiredOf } from '../required-of.js';
import type { CalibrationRequirement, PlainRequirement, QueryRequirement, SignalRequirement } from '../requirements.js';
import { measureFaults } from './measure-faults.js';
import { referenceFault } from './reference-faults.js';
import { classFault } from './target-faults.js';

/** What keeps a requirement from being met; null: nothing does. */
export function signalFault(requirement: SignalRequirement, available: AvailableSignals): Fault | null {
  if (!isRequiredOf(requirement, available)) return null;
  switch (requirement.signal) {
    case 'referenceIn':
    case 'referenceOut':
      return referenceFault(requirement, available);
    case 'calibration':
      return calibrationFault(requirement, available);
    case 'queries':
      return queryFault(requirement, available);
    case 'likelihood':
      return available.squaredError === true ? classFault : null;
    case 'squaredError':
      return available.squaredError === true ? null : squaredErrorFault;
    case 'lossUnder':
      return available.lossUnder?.includes(requirement.probability.kind)
        ? null
        : lossUnderFaults[requirement.probability.kind];
    case 'measure':
      return available.measures?.includes(requirement.measure.kind) ? null : measureFaults[requirement.measure.kind];
    case 'referenceMeasure':
      return available.referenceMeasures?.includes(requirement.measure.kind) ? null : referenceMeasureFault;
    default:
      return plainFault(requirement, available);
  }
}

function calibrationFault({ minimum }: CalibrationRequirement, { calibration = 0 }: AvailableSignals): Fault | null {
  if (calibration >= minimum) return null;
  return {
    message: `expected at least ${minimum} non-members set aside, got ${calibration === 0 ? 'none' : calibration}`,
    remedy: `Name ${minimum} or more non-members, none of them among nonMembers, as data.calibration.`,
  };
}

function queryFault({ count }: QueryRequirement, { queries = 1 }: AvailableSignals): Fault | null {
  if (queries >= count) return null;
  return {
    message: `expected ${count} augmented forms of every sample to ask the target and its references about, got ${queries}`,
    remedy: 'Audit a model of images that can be run and trained here, or ask with queries: 1.',
  };
}

const lossUnderFaults: Readonly<Record<ProbabilityOfTruth['kind'], Fault>> = {
  softmax: {
    message: 'expected logits or probabilities of every class of target and references alike, got none',
    remedy: 'Give logits and referenceLogits rather than losses, or ask with temperature: 1.',
  },
  taylor: {
    message: 'expected the logits of target and references alike, got none',
    remedy:
      'Give logits and referenceLogits, or models that tell logits, rather than probabilities or losses, or ask with probability: "softmax".',
  },
};

const referenceMeasureFault: Fault = {
  message: 'expected reference models that can be asked what the target is asked beyond one pass, got none',
  remedy:
    'Let reference models be trained here (referenceModels.count), or give models whose last dense layer can be read (referenceModels.models).',
};

const squaredErrorFault: Fault = {
  message: 'expected the squared errors of a regression, got losses of another kind',
  remedy: 'Audit a model whose manifest says "task": "regression", or upload its predictions and the targets.',
};

function plainFault(requirement: PlainRequirement, available: AvailableSignals): Fault | null {
  if (available[requirement.signal]) return null;
  return { message: `expected ${plainNames[requirement.signal]}, got none`, remedy: plainRemedies[requirement.signal] };
}

const plainNames = {
  labels: 'a label for every sample',
  loss: 'the loss of the target on every sample',
  scaledConfidence: 'the logit-scaled confidence of the target on every sample',
  probabilities: 'the probability of every class',
  correct: 'whether the prediction is right, for every sample',
  covariates: 'the samples themselves',
  referenceProbabilities: 'the probabilities reference models give',
} as const;

const plainRemedies = {
  labels: 'Add a label field to the dataset.',
  loss: 'Give logits, probabilities or loss.',
  scaledConfidence: 'Give logits, probabilities or scaledConfidence.',
  probabilities: 'Give logits or probabilities rather than a loss, or choose an attack that needs the loss alone.',
  correct: 'Give logits, probabilities or predictedLabel, and labels.',
  covariates: 'Add an input field to every dataset of the audit.',
  referenceProbabilities:
    'Let reference models be trained (referenceModels.count), or give their logits or probabilities.',
} as const;
