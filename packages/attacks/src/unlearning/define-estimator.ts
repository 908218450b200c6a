import { EngramError } from '@engram/domain';
import type { z } from 'zod';
import { type CatalogEntry, catalogEntry, type EntryDefinition, type PlannedEntry } from '../catalog-entry.js';
import type { JsonParameters } from '../parameters.js';
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

/** An estimator as its folder writes it. */
export interface EstimatorDefinition<Id extends string, S extends z.ZodObject>
  extends EntryDefinition<Id, S, DifficultyRequirement> {
  /** @param signals checked: what `requires` names is there, finite and of the right shape. Not to be changed. */
  estimate(signals: DifficultySignals, params: z.output<S>): DifficultyEstimate;
}

/** An estimator of the catalog. */
export type Estimator<Id extends string = string> = CatalogEntry<PlannedEstimator<Id>, Id>;

/** An estimator with its parameters settled. */
export interface PlannedEstimator<Id extends string = string> extends PlannedEntry<DifficultyRequirement> {
  readonly estimator: Id;
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
  return catalogEntry(
    definition,
    (settled, values): PlannedEstimator<Id> => ({
      estimator: definition.id,
      ...settled,
      estimate(signals) {
        const { scoreId, requires } = settled;
        const [missing] = missingDifficultyRequirements(requires, availableForDifficulty(signals));
        if (missing !== undefined)
          throw new EngramError('ENG_ESTIMATOR_NOT_APPLICABLE', `${scoreId}: ${missing.message}`, {
            remedy: missing.remedy,
          });
        checkDifficultySignals(signals, requires);
        return definition.estimate(signals, values);
      },
    }),
  );
}
