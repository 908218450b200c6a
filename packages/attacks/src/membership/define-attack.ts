import { EngramError } from '@engram/domain';
import type { z } from 'zod';
import { type JsonParameters, settleParameters } from '../parameters.js';
import { availableSignals } from './available-signals.js';
import { checkShapes, checkValues } from './check-signals.js';
import { missingRequirements, type SignalRequirement } from './requirements.js';
import { type MembershipSignals, sampleCount } from './signals.js';

/** How many reference models an attack gains from. */
export interface ReferenceBudget {
  readonly minimum: number;
  readonly good: number;
}

/**
 * What a score ranks. `membership`: how surely a sample is a member. `vulnerability`: how exposed a sample is as a member;
 * defined for non-members too, but no evidence on who is one.
 */
export type Ranking = 'membership' | 'vulnerability';

/** An attack as its folder writes it: parameters once, from which request schema, form and job payload follow. */
export interface MembershipAttackDefinition<Id extends string, S extends z.ZodObject> {
  readonly id: Id;
  /** Authors, year, title, section or equation. */
  readonly paper: string;
  /** One sentence for people choosing an attack. */
  readonly summary: string;
  /** `membership` when absent. */
  readonly ranks?: Ranking;
  /** Every parameter has a default. */
  readonly params: S;
  requires(params: z.output<S>): readonly SignalRequirement[];
  /** Absent: no reference models are used. */
  references?(params: z.output<S>): ReferenceBudget;
  /**
   * @param signals checked: what `requires` names is there, finite and of the right shape. Not to be changed.
   * @returns (n) finite; higher = more member-like.
   */
  score(signals: MembershipSignals, params: z.output<S>, context: { readonly seed: number }): Float64Array;
}

/** An attack of the catalog. */
export interface MembershipAttack<Id extends string = string> {
  readonly id: Id;
  readonly family: 'membership';
  readonly paper: string;
  readonly summary: string;
  readonly ranks: Ranking;
  readonly params: z.ZodObject;
  /**
   * Settles parameters, completing them with defaults.
   *
   * @param pointer JSON pointer of `params` in the request, for the faults.
   * @throws ENG_REQUEST_INVALID.
   */
  plan(params?: unknown, pointer?: string): PlannedMembershipAttack<Id>;
}

/** An attack with its parameters settled: ready to be checked against what is available, and run. */
export interface PlannedMembershipAttack<Id extends string = string> {
  readonly attack: Id;
  readonly ranks: Ranking;
  /** Unique per parameter set; the name of its column: `lira`, `lira-offline-global`. */
  readonly scoreId: string;
  readonly params: JsonParameters;
  readonly requires: readonly SignalRequirement[];
  readonly references: ReferenceBudget | null;
  /**
   * Scores every sample. Pure: the same signals and seed give the same scores, and signals are not changed.
   *
   * @param signals n samples.
   * @returns (n) finite; higher = more member-like.
   * @throws ENG_ATTACK_NOT_APPLICABLE a requirement is not met. ENG_INSUFFICIENT_SAMPLES no samples, or no spread can be
   *   estimated. ENG_SATURATED_OUTPUTS reference models do not differ. ENG_SHAPE_MISMATCH, ENG_VALUES_NOT_FINITE,
   *   ENG_LABEL_OUT_OF_RANGE in what the attack reads.
   */
  score(signals: MembershipSignals, context: { readonly seed: number }): Float64Array;
}

/** Makes an attack of a definition: the checks before and after scoring are the same for all. */
export function defineAttack<const Id extends string, S extends z.ZodObject>(
  definition: MembershipAttackDefinition<Id, S>,
): MembershipAttack<Id> {
  const { id, paper, summary, ranks = 'membership', params: schema } = definition;
  return {
    id,
    family: 'membership',
    paper,
    summary,
    ranks,
    params: schema,
    plan(params, pointer) {
      const settled = settleParameters(id, schema, params, pointer);
      const requires = definition.requires(settled.values);
      return {
        attack: id,
        ranks,
        scoreId: settled.scoreId,
        params: settled.json,
        requires,
        references: definition.references?.(settled.values) ?? null,
        score(signals, context) {
          checkShapes(signals);
          refuseMissing(settled.scoreId, requires, signals);
          checkValues(signals, requires);
          const scores = definition.score(signals, settled.values, context);
          checkScores(settled.scoreId, scores, sampleCount(signals));
          return scores;
        },
      };
    },
  };
}

function refuseMissing(scoreId: string, requires: readonly SignalRequirement[], signals: MembershipSignals): void {
  const [missing] = missingRequirements(requires, availableSignals(signals));
  if (missing !== undefined)
    throw new EngramError('ENG_ATTACK_NOT_APPLICABLE', `${scoreId}: ${missing.message}`, { remedy: missing.remedy });
}

function checkScores(scoreId: string, scores: Float64Array, n: number): void {
  if (scores.length !== n)
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected ${n} scores of ${scoreId}, got ${scores.length}`);
  for (let i = 0; i < n; i += 1) {
    if (!Number.isFinite(scores[i]))
      throw new EngramError('ENG_INTERNAL', `expected finite scores of ${scoreId}, got ${scores[i]} in row ${i}`);
  }
}
