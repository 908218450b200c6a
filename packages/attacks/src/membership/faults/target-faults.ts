import type { Fault } from '../../requirement-fault.js';
import type { AvailableSignals } from '../available-signals.js';
import type { SignalRequirement } from '../requirements.js';
import type { MeasureKind } from '../target-measure.js';

/** Why a target of this kind can never give what is required, whatever else comes with the audit; null: it might. */
export function targetFault(requirement: SignalRequirement, available: AvailableSignals): Fault | null {
  if (available.squaredError === true && isOfClasses(requirement)) return classFault;
  return tellsLabelsAlone(available) && isBeyondLabels(requirement) ? labelsAloneFault : null;
}

/** Whether all that is known of the target's answers is which class it says: whether that is right, and no loss. */
function tellsLabelsAlone({ loss, correct = false, scaledConfidence, probabilities }: AvailableSignals): boolean {
  return correct && !loss && !scaledConfidence && !probabilities;
}

const labelsAloneFault: Fault = {
  message: 'expected what the target says beyond its labels, got a target that tells labels alone',
  remedy:
    'Ask for gap, or of a model that can be run for augmentationVotes, noiseRobustness, boundaryDistance or, with reference models, transferAttack, which need labels alone; or let the target tell logits or probabilities.',
};

const beyondLabels: ReadonlySet<SignalRequirement['signal'] | MeasureKind> = new Set([
  'loss',
  'scaledConfidence',
  'probabilities',
  'lossUnder',
  'queries',
  'gradientNorm',
  'lastLayerGradientNorm',
  'leverage',
  'lossTrace',
]);

/** What no label can tell, however often it is asked for. */
function isBeyondLabels(requirement: SignalRequirement): boolean {
  return beyondLabels.has(requirement.signal === 'measure' ? requirement.measure.kind : requirement.signal);
}

/** What any requirement of classes comes to with a regression. */
export const classFault: Fault = {
  message: 'expected a classifier, which tells classes, got a regression, which predicts one number',
  remedy:
    'Leave this attack out: loss, calibratedLoss, lira, quantile, gradientNorm, leverage and linearRegression read what a regression tells.',
};

const classSignals: ReadonlySet<SignalRequirement['signal']> = new Set([
  'labels',
  'likelihood',
  'lossUnder',
  'probabilities',
  'correct',
  'referenceProbabilities',
]);
const classMeasures: ReadonlySet<MeasureKind> = new Set([
  'augmentationVotes',
  'noiseRobustness',
  'boundaryDistance',
  'transferAttack',
]);

/** What only a classifier can give, whatever else comes with the audit. */
function isOfClasses(requirement: SignalRequirement): boolean {
  return requirement.signal === 'measure'
    ? classMeasures.has(requirement.measure.kind)
    : classSignals.has(requirement.signal);
}
