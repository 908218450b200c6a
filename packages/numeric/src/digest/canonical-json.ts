import { EngramError } from '@engram/domain';

/**
 * JSON text with one spelling per value: keys sorted by UTF-16 code units, no spaces, numbers as JavaScript prints
 * them. Members that are undefined are left out, as in JSON.stringify.
 *
 * @param value plain JSON: null, booleans, finite numbers, strings, arrays and plain objects.
 * @returns the text; equal values give equal texts.
 * @throws ENG_INTERNAL the value holds something JSON cannot carry (NaN, Infinity, bigint, functions, typed arrays).
 * @see RFC 8785, "JSON Canonicalization Scheme".
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isPlainObject(value)) {
    const members = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
    return `{${members.join(',')}}`;
  }
  const kind = typeof value === 'object' ? (value.constructor?.name ?? 'object') : `${typeof value} ${String(value)}`;
  throw new EngramError('ENG_INTERNAL', `expected plain JSON to write canonically, got ${kind}`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
