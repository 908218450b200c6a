import { EngramError } from '@engram/domain';
import type { z } from 'zod';
import { type CatalogEntry, catalogEntry, type EntryDefinition, type PlannedEntry } from '../catalog-entry.js';
import type { CanarySignals } from './exposure/score.js';
import type { ExtractionRequirement } from './requirements.js';
import type { TokenSignals } from './token-signals.js';

/** What extraction attacks read; each attack reads one of them. */
export interface ExtractionSignals {
  /** Suffixes of the audited records, each given its true prefix. */
  readonly suffixes?: TokenSignals;
  readonly canaries?: CanarySignals;
}

/** An attack as its folder writes it. */
export interface ExtractionAttackDefinition<Id extends string, S extends z.ZodObject>
  extends EntryDefinition<Id, S, ExtractionRequirement> {
  /** Which of the signals it reads. */
  readonly reads: keyof ExtractionSignals;
  /** @returns (records or canaries) higher = more surely memorized; never NaN. */
  score(signals: ExtractionSignals, params: z.output<S>, context: { readonly seed: number }): Float64Array;
}

/** An extraction attack of the catalog. */
export interface ExtractionAttack<Id extends string = string, S extends z.ZodObject = z.ZodObject>
  extends CatalogEntry<PlannedExtractionAttack<Id, z.output<S>>, Id, S> {
  readonly reads: keyof ExtractionSignals;
}

/** An extraction attack with its parameters settled. */
export interface PlannedExtractionAttack<Id extends string = string, P = unknown>
  extends PlannedEntry<ExtractionRequirement> {
  readonly attack: Id;
  /** The parameters, typed. */
  readonly settings: P;
  /**
   * One score per record or canary. Pure.
   *
   * @returns higher = more surely memorized; never NaN. -Infinity where the decoder cannot emit a record.
   * @throws ENG_ATTACK_NOT_APPLICABLE the signals it reads are absent. ENG_INSUFFICIENT_SAMPLES, ENG_SHAPE_MISMATCH,
   *   ENG_VALUES_NOT_FINITE, ENG_LABEL_OUT_OF_RANGE in what it reads.
   */
  score(signals: ExtractionSignals, context: { readonly seed: number }): Float64Array;
}

export function defineExtractionAttack<const Id extends string, S extends z.ZodObject>(
  definition: ExtractionAttackDefinition<Id, S>,
): ExtractionAttack<Id, S> {
  const { id, reads } = definition;
  const entry = catalogEntry(
    definition,
    (settled, values): PlannedExtractionAttack<Id, z.output<S>> => ({
      attack: id,
      ...settled,
      settings: values,
      score(signals, context) {
        if (signals[reads] === undefined)
          throw new EngramError('ENG_ATTACK_NOT_APPLICABLE', `${settled.scoreId}: expected ${reads}, got none`, {
            remedy: `Collect the signals of ${reads} first.`,
          });
        return definition.score(signals, values, context);
      },
    }),
  );
  return { ...entry, reads };
}
