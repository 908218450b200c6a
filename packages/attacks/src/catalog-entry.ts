import type { z } from 'zod';
import { type JsonParameters, settleParameters } from './parameters.js';

/** What an attack's or an estimator's folder writes, whatever its family: parameters once, and all else follows. */
export interface EntryDefinition<Id extends string, S extends z.ZodObject, Requirement> {
  readonly id: Id;
  /** Authors, year, title, section or equation. */
  readonly paper: string;
  /** One sentence for people choosing. */
  readonly summary: string;
  /** Every parameter has a default. */
  readonly params: S;
  requires(params: z.output<S>): readonly Requirement[];
}

/** What all catalogs hold. */
export interface CatalogEntry<Planned = unknown, Id extends string = string, S extends z.ZodObject = z.ZodObject> {
  readonly id: Id;
  readonly paper: string;
  readonly summary: string;
  readonly params: S;
  /**
   * Settles parameters, completing them with defaults.
   *
   * @param pointer JSON pointer of `params` in the request, for the faults.
   * @throws ENG_REQUEST_INVALID.
   */
  plan(params?: unknown, pointer?: string): Planned;
}

/** What is settled with the parameters, whatever the family. */
export interface PlannedEntry<Requirement> {
  /** Unique per parameter set; the name of its column: `lira`, `lira-offline-global`. */
  readonly scoreId: string;
  readonly params: JsonParameters;
  readonly requires: readonly Requirement[];
}

/**
 * Makes an entry of a definition.
 *
 * @param complete what else is settled with the parameters: `values` are they, typed.
 */
export function catalogEntry<const Id extends string, S extends z.ZodObject, Requirement, Planned>(
  definition: EntryDefinition<Id, S, Requirement>,
  complete: (settled: PlannedEntry<Requirement>, values: z.output<S>) => Planned,
): CatalogEntry<Planned, Id, S> {
  const { id, paper, summary, params: schema } = definition;
  return {
    id,
    paper,
    summary,
    params: schema,
    plan(params, pointer) {
      const { values, json, scoreId } = settleParameters(id, schema, params, pointer);
      return complete({ scoreId, params: json, requires: definition.requires(values) }, values);
    },
  };
}
