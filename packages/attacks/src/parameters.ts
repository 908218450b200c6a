import { EngramError, type FieldFault, type Json } from '@engram/domain';
import { digestOf } from '@engram/numeric';
import type { z } from 'zod';

/** Parameters as they stand in requests, task keys and reports, every default filled in. */
export type JsonParameters = { readonly [name: string]: Json };

/** A catalog entry's parameters, settled: what it will be run with and what its column is called. */
export interface SettledParameters<S extends z.ZodObject> {
  readonly values: z.output<S>;
  readonly json: JsonParameters;
  readonly scoreId: string;
}

/**
 * Parameters as requested, checked against a catalog entry's schema and completed with its defaults.
 *
 * @param id the entry's id.
 * @param schema its parameters.
 * @param requested an object, or undefined for the defaults.
 * @param pointer JSON pointer of `requested` in the request, for the faults.
 * @throws ENG_REQUEST_INVALID unknown or ill-typed parameters, one fault each.
 */
export function settleParameters<S extends z.ZodObject>(
  id: string,
  schema: S,
  requested: unknown = {},
  pointer = '',
): SettledParameters<S> {
  const parsed = schema.strict().safeParse(requested);
  if (!parsed.success) throw invalidParameters(id, schema, parsed.error.issues, pointer);
  const values = parsed.data as z.output<S>;
  const json = JSON.parse(JSON.stringify(values)) as JsonParameters;
  return { values, json, scoreId: scoreId(id, schema, json) };
}

function invalidParameters(
  id: string,
  schema: z.ZodObject,
  issues: readonly z.core.$ZodIssue[],
  pointer: string,
): EngramError {
  const faults: FieldFault[] = issues.map((issue) => ({
    pointer: [pointer, ...issue.path.map(escapePointer)].join('/'),
    message: issue.message,
  }));
  const names = Object.keys(schema.shape);
  return new EngramError('ENG_REQUEST_INVALID', `the parameters of ${id} are not valid: ${faults[0]?.message}`, {
    remedy: names.length === 0 ? `${id} takes no parameters.` : `${id} takes ${names.join(', ')}; all may be left out.`,
    faults,
  });
}

function escapePointer(part: PropertyKey): string {
  return String(part).replaceAll('~', '~0').replaceAll('/', '~1');
}

/**
 * The id alone when every parameter has its default; otherwise the id and what differs, in the schema's order:
 * `lira-offline-global`, `rmia-offline-offlineA0_5`. Letters, digits, `-` and `_` only, so that it can name a column.
 */
function scoreId(id: string, schema: z.ZodObject, json: JsonParameters): string {
  const defaults = JSON.parse(JSON.stringify(schema.parse({}))) as JsonParameters;
  const parts = Object.keys(schema.shape)
    .filter((name) => JSON.stringify(json[name]) !== JSON.stringify(defaults[name]))
    .map((name) => scoreIdPart(name, json[name]));
  return [id, ...parts].join('-');
}

function scoreIdPart(name: string, value: Json | undefined): string {
  if (typeof value === 'string' && /^[A-Za-z0-9]+$/.test(value)) return value;
  if (typeof value === 'number') return `${name}${String(value).replace('.', '_').replace('-', 'm')}`;
  if (typeof value === 'boolean') return value ? name : `no_${name}`;
  return `${name}_${digestOf(value ?? null).slice(0, 8)}`;
}
