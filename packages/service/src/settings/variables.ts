import { z } from 'zod';

/** A value of the environment: trimmed; an empty one counts as not set. */
const given = z.string().trim();

/** A whole number within bounds, said in full when it is not one. */
export function wholeNumber(low: number, high: number, remedy: string) {
  const message = `expected a whole number from ${low} to ${high}; ${remedy}`;
  return given
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= low && value <= high, message);
}

export function oneOf<const T extends string>(values: readonly [T, ...T[]], remedy: string) {
  return given.toLowerCase().pipe(z.enum(values, { error: () => `expected one of ${values.join(', ')}; ${remedy}` }));
}

const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Bytes written as people write them: `5GiB`, `500 MB`, `1048576`. */
export function byteSize(remedy: string) {
  const message = `expected a size such as 5GiB, 500MB or a number of bytes; ${remedy}`;
  return given.transform((text, context) => {
    const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text);
    const unit = match === null ? undefined : unitBytes[match[2]!.toLowerCase()];
    const bytes = unit === undefined ? Number.NaN : Math.floor(Number(match![1]) * unit);
    if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

/** A URL of one of the given schemes. The value itself is never repeated: it may carry a password. */
export function urlOf(schemes: readonly string[], example: string) {
  const message = `expected a URL beginning with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}; write it as ${example}`;
  return given.refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), message);
}

export interface ConfiguredKey {
  readonly project: string;
  readonly key: string;
}

/** `project:key` pairs separated by commas; a key alone belongs to the project `default`. */
export const configuredKeys = given.transform((text, context): readonly ConfiguredKey[] => {
  const keys = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const colon = entry.indexOf(':');
      return colon === -1
        ? { project: 'default', key: entry }
        : { project: entry.slice(0, colon), key: entry.slice(colon + 1) };
    });
  keys.forEach(({ project, key }, index) => {
    if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(project))
      context.addIssue({
        code: 'custom',
        message: `entry ${index + 1}: expected a project of lower-case letters, digits, - and _, then a colon and the key`,
      });
    if (key.length < 24)
      context.addIssue({
        code: 'custom',
        message: `entry ${index + 1}: expected a key of at least 24 characters, got ${key.length}; make one with: openssl rand -hex 24`,
      });
  });
  return keys;
});
