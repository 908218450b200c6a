import { EngramError } from '@engram/domain';
import type { z } from 'zod';
import { type CatalogEntry, catalogEntry, type EntryDefinition, type PlannedEntry } from '../catalog-entry.js';
import { type AvailableSignals, availableSignals } from './available-signals.js';
import { checkShapes, checkValues } from './check-signals.js';
import { missingRequirements } from './missing-requirements.js';
import type { SignalRequirement } from './requirements.js';
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

/** An attack as its folder writes it. */
export interface MembershipAttackDefinition<Id extends string, S extends z.ZodObject>
  extends EntryDefinition<Id, S, SignalRequirement> {
  /** `membership` when absent. */
  readonly ranks?: Ranking;
  /** Absent: no reference models are used. */
  references?(params: z.output<S>): ReferenceBudget | null;
  /**
   * @param signals checked: what `requires` names is there, finite and of the right shape. Not to be changed.
   * @returns (n) finite; higher = more member-like.
   */
  score(signals: MembershipSignals, params: z.output<S>, context: { readonly seed: number }): Float64Array;
  /**
   * What the per-sample table shows beside the score, by name; absent: nothing.
   *
   * @param signals as of `score`, which gave `scores` of them.
   * @returns (n) each, NaN where there is nothing to say of a sample.
   */
  columns?(
    signals: MembershipSignals,
    params: z.output<S>,
    context: { readonly seed: number; readonly scores: Float64Array },
  ): Readonly<Record<string, Float64Array>>;
  /** What of the parameters does nothing with what is available, as a sentence; null: all of them do something. */
  withoutEffect?(params: z.output<S>, available: AvailableSignals): string | null;
}

/** An attack of the catalog. */
export interface MembershipAttack<Id extends string = string> extends CatalogEntry<PlannedMembershipAttack<Id>, Id> {
  readonly ranks: Ranking;
}

/** An attack with its parameters settled: ready to be checked against what is available, and run. */
export interface PlannedMembershipAttack<Id extends string = string> extends PlannedEntry<SignalRequirement> {
  readonly attack: Id;
  readonly ranks: Ranking;
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
  /**
   * Columns of the per-sample table beside the score, by their names there: `rmia.populationShare`.
   *
   * @param scores what `score` gave for these signals and this seed.
   * @returns (n) each, NaN where there is nothing to say of a sample; none for most attacks.
   */
  columns(
    signals: MembershipSignals,
    scores: Float64Array,
    context: { readonly seed: number },
  ): Readonly<Record<string, Float64Array>>;
  /** What of the parameters does nothing with what is available, as a sentence; null: all of them do something. */
  withoutEffect(available: AvailableSignals): string | null;
}

/** Makes an attack of a definition: the checks before and after scoring are the same for all. */
export function defineAttack<const Id extends string, S extends z.ZodObject>(
  definition: MembershipAttackDefinition<Id, S>,
): MembershipAttack<Id> {
  const { id, ranks = 'membership' } = definition;
  const entry = catalogEntry(
    definition,
    (settled, values): PlannedMembershipAttack<Id> => ({
      attack: id,
      ranks,
      ...settled,
      references: definition.references?.(values) ?? null,
      score(signals, context) {
        checkShapes(signals);
        refuseMissing(settled, signals);
        checkValues(signals, settled.requires);
        const scores = definition.score(signals, values, context);
        checkScores(settled.scoreId, scores, sampleCount(signals));
        return scores;
      },
      columns(signals, scores, { seed }) {
        const named = definition.columns?.(signals, values, { seed, scores }) ?? {};
        return Object.fromEntries(
          Object.entries(named).map(([name, column]) => [`${settled.scoreId}.${name}`, column]),
        );
      },
      withoutEffect: (available) => definition.withoutEffect?.(values, available) ?? null,
    }),
  );
  return { ...entry, ranks };
}

function refuseMissing({ scoreId, requires }: PlannedEntry<SignalRequirement>, signals: MembershipSignals): void {
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
