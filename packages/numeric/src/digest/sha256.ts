import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/**
 * SHA-256 of bytes, or of a string's UTF-8 bytes.
 *
 * @param content what to digest.
 * @returns 64 lower-case hexadecimal digits.
 */
export function sha256Hex(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * SHA-256 of a JSON value's canonical text: equal for equal values, whatever the order of their keys.
 *
 * @param value plain JSON.
 * @returns 64 lower-case hexadecimal digits.
 * @throws ENG_INTERNAL the value is not plain JSON.
 */
export function digestOf(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}
