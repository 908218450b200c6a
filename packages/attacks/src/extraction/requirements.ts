import type { Ability } from '@engram/domain';
import { type Fault, type FaultyRequirement, faultyRequirements } from '../requirement-fault.js';

/** Something an extraction attack needs before it can run. */
export type ExtractionRequirement =
  | { readonly needs: 'ability'; readonly ability: Ability }
  | { readonly needs: 'records' | 'controls' | 'canaries'; readonly minimum: number; readonly advised?: number };

/** What a model and its data offer. */
export interface AvailableForExtraction {
  readonly abilities: readonly Ability[];
  /** Training texts long enough for a prefix and a suffix. */
  readonly records: number;
  /** Matched texts the model was not trained on, as long. */
  readonly controls: number;
  /** Texts with a secret planted a known number of times. */
  readonly canaries: number;
}

export type MissingExtractionRequirement = FaultyRequirement<ExtractionRequirement>;

const remedies = {
  records: 'Give training texts at least as long as prefix and suffix together, or shorten these.',
  controls: 'Give non-member texts of the same source and length: without them nothing can be called memorized.',
  canaries: 'Give a dataset of canaries (data.canaries), planted and never planted.',
} as const;

/** Requirements not met, so that the attack cannot run. Empty: it can. */
export function missingExtractionRequirements(
  requirements: readonly ExtractionRequirement[],
  available: AvailableForExtraction,
): MissingExtractionRequirement[] {
  return faultyRequirements(requirements, (requirement): Fault | null => {
    if (requirement.needs === 'ability') {
      if (available.abilities.includes(requirement.ability)) return null;
      const found = available.abilities.join(', ') || 'none';
      return {
        message: `expected a model with the ability ${requirement.ability}, got ${found}`,
        remedy: 'Audit a causal language model whose weights or prompt log-probabilities are accessible.',
      };
    }
    const got = available[requirement.needs];
    if (got >= requirement.minimum) return null;
    return {
      message: `expected at least ${requirement.minimum} ${requirement.needs}, got ${got}`,
      remedy: remedies[requirement.needs],
    };
  });
}

/** Requirements met but thin: the attack can run, and the report should say this beside its numbers. */
export function thinExtractionRequirements(
  requirements: readonly ExtractionRequirement[],
  available: AvailableForExtraction,
): MissingExtractionRequirement[] {
  return faultyRequirements(requirements, (requirement): Fault | null => {
    if (requirement.needs === 'ability' || requirement.advised === undefined) return null;
    const got = available[requirement.needs];
    if (got < requirement.minimum || got >= requirement.advised) return null;
    return {
      message: `expected ${requirement.advised} ${requirement.needs} or more, got ${got}`,
      remedy: remedies[requirement.needs],
    };
  });
}
