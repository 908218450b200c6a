import type { ProbabilityOfTruth } from './loss-under.js';
import type { TargetMeasure } from './target-measure.js';

/** Something an attack needs before it can score, as data, so that it can be checked before anything runs. */
export type SignalRequirement =
  | PlainRequirement
  | LossRequirement
  | LossUnderRequirement
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
  /** Read only of such a target; absent: of any. */
  readonly of?: 'classifier' | 'regression';
}

/** What the loss is: minus the logarithm of a probability, or the squared error of a regression. */
export interface LossRequirement {
  readonly signal: 'likelihood' | 'squaredError';
}

/** The loss under another probability of the truth, of the target and of every reference model. */
export interface LossUnderRequirement {
  readonly signal: 'lossUnder';
  readonly probability: ProbabilityOfTruth;
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

/** Something only further questions can tell: to the target, or to every reference model. */
export interface MeasureRequirement {
  readonly signal: 'measure' | 'referenceMeasure';
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
