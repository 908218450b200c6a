import { EngramError } from '@engram/domain';
import { z } from 'zod';
import type { CatalogEntry } from './catalog-entry.js';

/** The field that names the entry in an object request: `{ "attack": "lira", ... }`. */
export type RequestKey = 'attack' | 'estimator';

/** An entry as requested: its id, or an object with its id and parameters. */
export type EntryRequest<Id extends string, Key extends RequestKey> =
  | Id
  | ({ readonly [key in Key]: Id } & { readonly [parameter: string]: unknown });

/**
 * The schema of one requested entry: an id, or a discriminated union of objects with each entry's parameters. Composed
 * from the catalog, so that a new entry is in the contract and in OpenAPI by being in its catalog.
 */
export function entryRequestSchema<Id extends string, Key extends RequestKey>(
  catalog: readonly (CatalogEntry<unknown> & { readonly id: Id })[],
  key: Key,
): z.ZodType<EntryRequest<Id, Key>, EntryRequest<Id, Key>> {
  const objects = catalog.map((entry) =>
    z.strictObject({ [key]: z.literal(entry.id), ...entry.params.shape }).describe(entry.summary),
  );
  const schema = z.union([
    z.enum(catalog.map((entry) => entry.id)),
    z.discriminatedUnion(key, objects as unknown as [z.ZodObject, ...z.ZodObject[]]),
  ]);
  // The shapes are known only at run time; `parseEntryRequest` checks each entry against its own schema.
  return schema as unknown as z.ZodType<EntryRequest<Id, Key>, EntryRequest<Id, Key>>;
}

/**
 * One requested entry with its parameters settled.
 *
 * @param request an id, or `{ [key]: id, ...parameters }`.
 * @param pointer JSON pointer of `request` in the whole request, for the faults.
 * @throws ENG_REQUEST_INVALID unknown id, or parameters that do not fit.
 */
export function parseEntryRequest<Planned>(
  catalog: readonly CatalogEntry<Planned>[],
  key: RequestKey,
  request: unknown,
  pointer = '',
): Planned {
  const { id, params, at } = readEntry(key, request, pointer);
  const entry = catalog.find((candidate) => candidate.id === id);
  if (entry !== undefined) return entry.plan(params, pointer);
  const known = catalog.map((candidate) => candidate.id).join(', ');
  const found = typeof id === 'string' ? `"${id}"` : 'none';
  const message = `expected the id of an ${key} (${known}), got ${found}`;
  throw new EngramError('ENG_REQUEST_INVALID', message, {
    remedy: `Use one of ${known}, alone or as { "${key}": id, parameters }.`,
    faults: [{ pointer: at, message }],
  });
}

function readEntry(key: RequestKey, request: unknown, pointer: string) {
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    return { id: request, params: undefined, at: pointer };
  const { [key]: id, ...params } = request as Record<string, unknown>;
  return { id, params, at: `${pointer}/${key}` };
}
