import { type Fault, type FaultyRequirement, faultyRequirements } from '../requirement-fault.js';
import type { DifficultySignals, FinalSignal, TrajectorySignal } from './signals.js';

/** Something an estimator needs before it can run. */
export type DifficultyRequirement =
  | {
      readonly from: 'trajectory';
      readonly reads: TrajectorySignal;
      readonly moments: number;
      readonly advised: number;
    }
  | { readonly from: 'finalModel'; readonly reads: FinalSignal };

/** What a training record and a final model offer. */
export interface AvailableForDifficulty {
  /** Absent: training was not recorded and cannot be run again. */
  readonly trajectory?: { readonly moments: number; readonly signals: readonly TrajectorySignal[] };
  /** Signals of the final model. */
  readonly finalModel: readonly FinalSignal[];
}

export type MissingDifficultyRequirement = FaultyRequirement<DifficultyRequirement>;

export function availableForDifficulty({ trajectory, finalModel }: DifficultySignals): AvailableForDifficulty {
  return {
    ...(trajectory === undefined
      ? {}
      : {
          trajectory: {
            moments: trajectory.steps.length,
            signals: (['loss', 'gradientNorm', 'el2n', 'correct'] as const).filter((name) => trajectory[name]),
          },
        }),
    finalModel: (['loss', 'gradientNorm', 'el2n'] as const).filter((name) => finalModel?.[name]),
  };
}

/** Requirements not met, so that the estimator cannot run. Empty: it can. */
export function missingDifficultyRequirements(
  requirements: readonly DifficultyRequirement[],
  available: AvailableForDifficulty,
): MissingDifficultyRequirement[] {
  return faultyRequirements(requirements, (requirement) => faultOf(requirement, available));
}

/** Requirements met but thin: the estimator can run, and the report should say this beside its numbers. */
export function thinDifficultyRequirements(
  requirements: readonly DifficultyRequirement[],
  available: AvailableForDifficulty,
): MissingDifficultyRequirement[] {
  return faultyRequirements(requirements, (requirement) => {
    if (requirement.from === 'finalModel' || faultOf(requirement, available) !== null) return null;
    const { moments } = available.trajectory!;
    if (moments >= requirement.advised) return null;
    return {
      message: `expected ${requirement.advised} recorded moments of training or more, got ${moments}`,
      remedy: 'Record more moments, spaced evenly in the logarithm of the step.',
    };
  });
}

function faultOf(requirement: DifficultyRequirement, { trajectory, finalModel }: AvailableForDifficulty): Fault | null {
  if (requirement.from === 'finalModel') {
    if (finalModel.includes(requirement.reads)) return null;
    return {
      message: `expected the ${requirement.reads} of every sample under the final model, got none`,
      remedy: 'Audit a model whose weights and labels are given.',
    };
  }
  if (trajectory === undefined || !trajectory.signals.includes(requirement.reads))
    return {
      message: `expected the ${requirement.reads} of every sample along training, got none`,
      remedy: 'Give checkpoints of the training run, or its recipe and data so that it can be run again.',
    };
  if (trajectory.moments < requirement.moments)
    return {
      message: `expected at least ${requirement.moments} recorded moments of training, got ${trajectory.moments}`,
      remedy: 'Give more checkpoints, spaced evenly in the logarithm of the step.',
    };
  return null;
}
