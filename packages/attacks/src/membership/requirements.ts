import { inclusionCounts } from './inclusion-counts.js';
import { type MembershipSignals, sampleCount } from './signals.js';
import { type MeasureKind, measureKinds, type TargetMeasure } from './target-measure.js';

/** Something an attack needs before it can score, as data, so that it can be checked before anything runs. */
export type SignalRequirement =
  | PlainRequirement
  | LossRequirement
  | ReferenceRequirement
  | CalibrationRequirement
  | QueryRequirement
  | MeasureRequirement;

export interface PlainRequirement {
  readonly signal:
    | 'labels'
    | 'loss'
    | 'scaledConfidence'
    | 'probabilities'
    | 'correct'
    | 'covariates'
    | 'referenceProbabilities';
}

/** What the loss is: minus the logarithm of a probability, or the squared error of a regression. */
export interface LossRequirement {
  readonly signal: 'likelihood' | 'squaredError';
}

/** Non-members set aside. */
export interface CalibrationRequirement {
  readonly signal: 'calibration';
  readonly minimum: number;
}

/** Augmented forms of every sample, asked of the target and of every reference model. */
export interface QueryRequirement {
  readonly signal: 'queries';
  /** Forms, the sample itself among them. */
  readonly count: 2 | 18;
}

/** Something only further questions to the target can tell. */
export interface MeasureRequirement {
  readonly signal: 'measure';
  readonly measure: TargetMeasure;
}

/** Reference models on one side of a sample: those trained with it, or those trained without it. */
export interface ReferenceRequirement {
  readonly signal: 'referenceIn' | 'referenceOut';
  /** Which of their signals is read. */
  readonly reads: 'loss' | 'scaledConfidence';
  /** Models on this side, for every sample. */
  readonly minimum: number;
  /** Models on this side, for at least one sample: a spread pooled over samples needs one with two. */
  readonly somewhere?: number;
  /** Fewer than this still gives a score, but a worse one than other settings would. */
  readonly advised?: number;
}

/** What a target, its data and its references offer, counted but not yet computed; what is absent is not to be had. */
export interface AvailableSignals {
  readonly labels: boolean;
  readonly loss: boolean;
  readonly scaledConfidence: boolean;
  /** The target is a regression: it predicts a number, and its losses are squared errors. */
  readonly squaredError?: boolean;
  readonly probabilities: boolean;
  readonly correct?: boolean;
  readonly covariates?: boolean;
  /** The largest probabilities of reference models, their entropy, and whether they are right. */
  readonly referenceProbabilities?: boolean;
  readonly reference?: AvailableReferences;
  /** Population samples; 0 for none. */
  readonly population: number;
  /** Non-members set aside; 0 for none. */
  readonly calibration?: number;
  /** Augmented forms that can be asked of target and references; 1 = the sample alone. */
  readonly queries?: number;
  /** How many of those, in order, training drew from too; absent or 1 = the sample alone. */
  readonly trainedForms?: number;
  readonly measures?: readonly MeasureKind[];
}

export interface AvailableReferences {
  readonly models: number;
  readonly loss: boolean;
  readonly scaledConfidence: boolean;
  /** Models trained with a sample: the least and the most over samples. */
  readonly leastIn: number;
  readonly mostIn: number;
  readonly leastOut: number;
  readonly mostOut: number;
}

/** A requirement that is not met: which one, what was expected and found, and what to do. */
export interface MissingRequirement {
  readonly requirement: SignalRequirement;
  readonly message: string;
  readonly remedy: string;
}

/** What a bank trained on complementary halves will offer: every sample in half of the models. */
export function balancedReferences(models: number): AvailableReferences {
  const fewer = Math.floor(models / 2);
  const more = models - fewer;
  return {
    models,
    loss: true,
    scaledConfidence: true,
    leastIn: fewer,
    mostIn: more,
    leastOut: fewer,
    mostOut: more,
  };
}

/** What the given signals offer. */
export function availableSignals(signals: MembershipSignals): AvailableSignals {
  const { labels, target, reference, population, calibration, covariates } = signals;
  const taken = Object.keys(target.measured ?? {});
  return {
    labels: labels !== undefined,
    loss: target.loss !== undefined,
    scaledConfidence: target.scaledConfidence !== undefined,
    ...(target.squaredError === true ? { squaredError: true } : {}),
    probabilities: target.logProbabilities !== undefined,
    correct: target.correct !== undefined,
    covariates: covariates !== undefined,
    referenceProbabilities: [reference?.topProbabilities, reference?.entropy, reference?.correct].every(
      (signal) => signal !== undefined,
    ),
    calibration: calibration?.reduce((sum, mark) => sum + mark, 0) ?? 0,
    queries: Math.min(target.queryConfidence?.shape[0] ?? 1, reference?.queryConfidence?.shape[1] ?? 1),
    measures: measureKinds.filter((kind) => taken.some((key) => key.startsWith(`${kind}:`))),
    ...(reference === undefined
      ? {}
      : {
          reference: {
            models: reference.models,
            loss: true,
            scaledConfidence: reference.scaledConfidence !== undefined,
            ...inclusionRange(reference.trainedOn, reference.models, sampleCount(signals)),
          },
        }),
    population: population?.targetLoss.length ?? 0,
  };
}

function inclusionRange(trainedOn: Uint8Array, models: number, n: number) {
  const counts = inclusionCounts(trainedOn, models, n);
  let least = models;
  let most = 0;
  for (const count of counts) {
    if (count < least) least = count;
    if (count > most) most = count;
  }
  return { leastIn: least, mostIn: most, leastOut: models - most, mostOut: models - least };
}

/** Requirements not met, so that the attack cannot run. Empty: it can. */
export function missingRequirements(
  requirements: readonly SignalRequirement[],
  available: AvailableSignals,
): MissingRequirement[] {
  return requirements.flatMap((requirement) => {
    const fault = faultOf(requirement, available);
    return fault === null ? [] : [{ requirement, ...fault }];
  });
}

/** Requirements met but thin: the attack can run, and the report should say this beside its numbers. */
export function thinRequirements(
  requirements: readonly SignalRequirement[],
  available: AvailableSignals,
): MissingRequirement[] {
  return requirements.flatMap((requirement) => {
    if (!isReference(requirement) || requirement.advised === undefined || available.reference === undefined) return [];
    const least = leastOn(requirement, available.reference);
    if (least >= requirement.advised || referenceFault(requirement, available) !== null) return [];
    return [
      {
        requirement,
        message: `expected ${requirement.advised} reference models trained ${side(requirement)} each sample for this setting to be at its best, got as few as ${least}`,
        remedy: `Give or train at least ${2 * requirement.advised} reference models, or pool the variance over samples.`,
      },
    ];
  });
}

type Fault = { message: string; remedy: string };

function isReference(requirement: SignalRequirement): requirement is ReferenceRequirement {
  return requirement.signal === 'referenceIn' || requirement.signal === 'referenceOut';
}

function faultOf(requirement: SignalRequirement, available: AvailableSignals): Fault | null {
  const fault = signalFault(requirement, available);
  if (fault === null) return null;
  if (available.squaredError === true && isOfClasses(requirement)) return classFault;
  return tellsLabelsAlone(available) && isBeyondLabels(requirement) ? labelsAloneFault : fault;
}

/** Whether all that is known of the target's answers is which class it says: whether that is right, and no loss. */
function tellsLabelsAlone({ loss, correct = false, scaledConfidence, probabilities }: AvailableSignals): boolean {
  return correct && !loss && !scaledConfidence && !probabilities;
}

const labelsAloneFault: Fault = {
  message: 'expected what the target says beyond its labels, got a target that tells labels alone',
  remedy:
    'Ask for gap, or of a model that can be run for augmentationVotes, noiseRobustness or boundaryDistance, which need labels alone; or let the target tell logits or probabilities.',
};

const beyondLabels: ReadonlySet<SignalRequirement['signal'] | MeasureKind> = new Set([
  'loss',
  'scaledConfidence',
  'probabilities',
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

const classFault: Fault = {
  message: 'expected a classifier, which tells classes, got a regression, which predicts one number',
  remedy: 'Leave this attack out: loss, calibratedLoss, lira and linearRegression read what a regression tells.',
};

const classSignals: ReadonlySet<SignalRequirement['signal']> = new Set([
  'labels',
  'likelihood',
  'probabilities',
  'correct',
  'referenceProbabilities',
]);
const classMeasures: ReadonlySet<MeasureKind> = new Set([
  'augmentationVotes',
  'noiseRobustness',
  'boundaryDistance',
  'lastLayerGradientNorm',
  'leverage',
]);

/** What only a classifier can give, whatever else comes with the audit. */
function isOfClasses(requirement: SignalRequirement): boolean {
  return requirement.signal === 'measure'
    ? classMeasures.has(requirement.measure.kind)
    : classSignals.has(requirement.signal);
}

function signalFault(requirement: SignalRequirement, available: AvailableSignals): Fault | null {
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
    case 'measure':
      return available.measures?.includes(requirement.measure.kind) ? null : measureFaults[requirement.measure.kind];
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

const squaredErrorFault: Fault = {
  message: 'expected the squared errors of a regression, got losses of another kind',
  remedy: 'Audit a model whose manifest says "task": "regression", or upload its predictions and the targets.',
};

const lastLayerFault: Fault = {
  message: 'expected a model that ends in a dense layer whose inputs can be read, got none',
  remedy:
    'Upload a TensorFlow.js layers model that ends in a dense layer, or an ONNX model whose manifest names the output with its inputs as features.',
};

const measureFaults: Readonly<Record<MeasureKind, Fault>> = {
  augmentationVotes: {
    message: 'expected a model of images that can be asked about changed samples, got none',
    remedy: 'Name a classifier of images, not recorded outputs.',
  },
  noiseRobustness: {
    message: 'expected a model that can be asked about changed samples, got none',
    remedy: 'Name a classifier, not recorded outputs.',
  },
  boundaryDistance: {
    message: 'expected a model that can be asked about changed samples, got none',
    remedy: 'Name a classifier, not recorded outputs.',
  },
  gradientNorm: {
    message: 'expected a model whose gradients by all weights can be computed, got none',
    remedy: 'Upload the model as a TensorFlow.js layers model, or ask for the gradient of the last layer alone.',
  },
  lastLayerGradientNorm: lastLayerFault,
  leverage: {
    message:
      'expected a model that ends in a dense layer whose inputs can be read, of at most 4,096 weights or with few samples to judge, got none',
    remedy: `${lastLayerFault.remedy} Of a larger layer judge fewer samples: weights times samples squared may be 1e10.`,
  },
  lossTrace: {
    message: 'expected the loss of every sample along the training of the target, got none',
    remedy: 'Give checkpoints in the training section of the model manifest, or a lossTrace field with the data.',
  },
  linearStatistics: {
    message:
      'expected a linear regression of at most 1,000 weights and a population of at least ten rows for each, got none',
    remedy:
      'Audit a TensorFlow.js layers model of one dense linear unit and name data.population, or ask for "statistic": "loss", which needs no population.',
  },
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

function referenceFault(requirement: ReferenceRequirement, available: AvailableSignals): Fault | null {
  const { reference } = available;
  const needed = Math.max(requirement.minimum, requirement.somewhere ?? 0);
  if (reference === undefined || reference.models === 0)
    return {
      message: `expected at least ${requirement.minimum} reference models trained ${side(requirement)} each sample, got no reference models`,
      remedy: `Give the signals of reference models, or let at least ${2 * needed} be trained (referenceModels.count).`,
    };
  if (!reference[requirement.reads])
    return {
      message: `expected the ${requirement.reads} of reference models, got another signal`,
      remedy: 'Give logits or probabilities of the reference models.',
    };
  const least = leastOn(requirement, reference);
  if (least < requirement.minimum)
    return {
      message: `expected at least ${requirement.minimum} reference models trained ${side(requirement)} each sample, got as few as ${least} of ${reference.models}`,
      remedy: moreReferences(requirement, needed),
    };
  const most = requirement.signal === 'referenceIn' ? reference.mostIn : reference.mostOut;
  if (most < (requirement.somewhere ?? 0))
    return {
      message: `expected some sample with at least ${requirement.somewhere} reference models trained ${side(requirement)} it, got at most ${most}`,
      remedy: moreReferences(requirement, needed),
    };
  return null;
}

function moreReferences(requirement: ReferenceRequirement, needed: number): string {
  const more = `Give or train at least ${2 * needed} reference models, each sample in half of them`;
  return requirement.signal === 'referenceIn' ? `${more}, or use mode "offline".` : `${more}.`;
}

function leastOn(requirement: ReferenceRequirement, reference: AvailableReferences): number {
  return requirement.signal === 'referenceIn' ? reference.leastIn : reference.leastOut;
}

function side(requirement: ReferenceRequirement): string {
  return requirement.signal === 'referenceIn' ? 'with' : 'without';
}
