import { randomBytes } from 'node:crypto';

const prefixes = { model: 'mdl', dataset: 'dst', audit: 'aud', key: 'key' } as const;

export type RecordKind = keyof typeof prefixes;

/** Digits and letters in the order of their bytes, without i, l, o and u. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new id: a prefix for its kind, 10 characters of time in milliseconds, 16 of chance (80 bits). Later ids sort after
 * earlier ones as bytes.
 */
export function newId(kind: RecordKind, now: number = Date.now()): string {
  let time = '';
  for (let left = now, digits = 0; digits < 10; digits++, left = Math.floor(left / 32))
    time = alphabet[left % 32] + time;
  const chance = Array.from(randomBytes(16), (byte) => alphabet[byte % 32]).join('');
  return `${prefixes[kind]}_${time}${chance}`;
}
