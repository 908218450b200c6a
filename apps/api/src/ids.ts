import { randomInt } from 'node:crypto';

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** A new id: 20 random letters and digits (119 bits) after a prefix that tells what it names. */
export function newId(prefix: 'mdl' | 'dst' | 'aud'): string {
  return `${prefix}_${Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)]).join('')}`;
}
