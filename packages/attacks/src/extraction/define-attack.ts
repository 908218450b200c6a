import { EngramError } from '@engram/domain';
import type { z } from 'zod';
import { type JsonParameters, settleParameters } from '../parameters.js';
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
export interface ExtractionAttackDefinition<Id extends string, S extends z.ZodObject> {
  readonly id: Id;
  readonly paper: string;
  readonly summary: string;
  /** Every parameter has a default. */
  readonly params: S;
  /** Which of the signals it reads. */
  readonly reads: keyof ExtractionSignals;
  requires(params: z.output<S>): readonly ExtractionRequirement[];
  /** @returns (records or canaries) higher = more surely memorized; never NaN. */
  score(signals: ExtractionSignals, params: z.output<S>, context: { readonly seed: number }): Float64Array;
}

/** An extraction attack of the catalog. */
export interface ExtractionAttack<Id extends string = string, S extends z.ZodObject = z.ZodObject> {
  readonly id: Id;
  readonly family: 'extraction';
  readonly paper: string;
  readonly summary: string;
  readonly params: S;
  readonly reads: keyof ExtractionSignals;
  /** @throws ENG_REQUEST_INVALID. */
  plan(params?: unknown, pointer?: string): PlannedExtractionAttack<Id, z.output<S>>;
}

/** An extraction attack with its parameters settled. */
export interface PlannedExtractionAttack<Id extends string = string, P = unknown> {
  readonly attack: Id;
  /** Unique per parameter set; the name of its column. */
  readonly scoreId: string;
  readonly params: JsonParameters;
  /** The same parameters, typed. */
  readonly settings: P;
  readonly requires: readonly ExtractionRequirement[];
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
  const { id, paper, summary, params: schema, reads } = definition;
  return {
    id,
    family: 'extraction',
    paper,
    summary,
    params: schema,
    reads,
    plan(params, pointer) {
      const settled = settleParameters(id, schema, params, pointer);
      return {
        attack: id,
        scoreId: settled.scoreId,
        params: settled.json,
        settings: settled.values,
        requires: definition.requires(settled.values),
        score(signals, context) {
          if (signals[reads] === undefined)
            throw new EngramError('ENG_ATTACK_NOT_APPLICABLE', `${settled.scoreId}: expected ${reads}, got none`, {
              remedy: `Collect the signals of ${reads} first.`,
            });
          return definition.score(signals, settled.values, context);
        },
      };
    },
  };
}
