import { EngramError } from '@engram/domain';
import type { z } from 'zod';
import { type JsonParameters, settleParameters } from '../parameters.js';
import { checkDifficultySignals } from './check-signals.js';
import { availableForDifficulty, type DifficultyRequirement, missingDifficultyRequirements } from './requirements.js';
import type { DifficultySignals } from './signals.js';

/** Expected effort of unlearning each sample, relative to this training set; no guarantee, not comparable across models. */
export interface DifficultyEstimate {
  /** (n) finite; larger = expected harder. Only the order is meant. */
  readonly difficulty: Float64Array;
  /** `estimate`: one recorded trajectory; `heuristic`: outside the theory's conditions; `weak`: final model only. */
  readonly kind: 'estimate' | 'heuristic' | 'weak';
  /** Numbers the estimate rests on, chosen or derived: order, clip, noise. */
  readonly settings: JsonParameters;
  /** Plain sentences for the report's limits. */
  readonly notes: readonly string[];
}

export interface EstimatorDefinition<Id extends string, S extends z.ZodObject> {
  readonly id: Id;
  readonly paper: string;
  readonly summary: string;
  /** Every parameter has a default. */
  readonly params: S;
  requires(params: z.output<S>): readonly DifficultyRequirement[];
  /** @param signals checked: what `requires` names is there, finite and of the right shape. Not to be changed. */
  estimate(signals: DifficultySignals, params: z.output<S>): DifficultyEstimate;
}

/** An estimator of the catalog. */
export interface Estimator<Id extends string = string> {
  readonly id: Id;
  readonly family: 'unlearningDifficulty';
  readonly paper: string;
  readonly summary: string;
  readonly params: z.ZodObject;
  /** @throws ENG_REQUEST_INVALID. */
  plan(params?: unknown, pointer?: string): PlannedEstimator<Id>;
}

/** An estimator with its parameters settled. */
export interface PlannedEstimator<Id extends string = string> {
  readonly estimator: Id;
  /** Unique per parameter set; the name of its column. */
  readonly scoreId: string;
  readonly params: JsonParameters;
  readonly requires: readonly DifficultyRequirement[];
  /**
   * Difficulty of every sample. Pure.
   *
   * @throws ENG_ESTIMATOR_NOT_APPLICABLE a requirement is not met. ENG_INSUFFICIENT_SAMPLES no samples.
   *   ENG_SATURATED_OUTPUTS no gradients. ENG_SHAPE_MISMATCH, ENG_VALUES_NOT_FINITE in what it reads.
   */
  estimate(signals: DifficultySignals): DifficultyEstimate;
}

export function defineEstimator<const Id extends string, S extends z.ZodObject>(
  definition: EstimatorDefinition<Id, S>,
): Estimator<Id> {
  const { id, paper, summary, params: schema } = definition;
  return {
    id,
    family: 'unlearningDifficulty',
    paper,
    summary,
    params: schema,
    plan(params, pointer) {
      const settled = settleParameters(id, schema, params, pointer);
      const requires = definition.requires(settled.values);
      return {
        estimator: id,
        scoreId: settled.scoreId,
        params: settled.json,
        requires,
        estimate(signals) {
          const [missing] = missingDifficultyRequirements(requires, availableForDifficulty(signals));
          if (missing !== undefined)
            throw new EngramError('ENG_ESTIMATOR_NOT_APPLICABLE', `${settled.scoreId}: ${missing.message}`, {
              remedy: missing.remedy,
            });
          checkDifficultySignals(signals, requires);
          return definition.estimate(signals, settled.values);
        },
      };
    },
  };
}
