import { type Fault, type FaultyRequirement, faultyRequirements } from '../requirement-fault.js';
import type { AvailableSignals } from './available-signals.js';
import { referenceThinness } from './faults/reference-faults.js';
import { signalFault } from './faults/signal-faults.js';
import { targetFault } from './faults/target-faults.js';
import type { TargetMeasure } from './target-measure.js';

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
  /** Read only of such a target; absent: of any. */
  readonly of?: 'classifier' | 'regression';
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

export type MissingRequirement = FaultyRequirement<SignalRequirement>;

/** Requirements not met, so that the attack cannot run. Empty: it can. */
export function missingRequirements(
  requirements: readonly SignalRequirement[],
  available: AvailableSignals,
): MissingRequirement[] {
  return faultyRequirements(requirements, (requirement) => faultOf(requirement, available));
}

/** What the target is says more of why something is missing than that it is. */
function faultOf(requirement: SignalRequirement, available: AvailableSignals): Fault | null {
  const fault = signalFault(requirement, available);
  return fault === null ? null : (targetFault(requirement, available) ?? fault);
}

/** Requirements met but thin: the attack can run, and the report should say this beside its numbers. */
export function thinRequirements(
  requirements: readonly SignalRequirement[],
  available: AvailableSignals,
): MissingRequirement[] {
  return faultyRequirements(requirements, (requirement) => referenceThinness(requirement, available));
}
