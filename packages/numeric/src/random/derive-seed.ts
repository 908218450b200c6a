import { createHash } from 'node:crypto';

/**
 * A seed for one purpose, derived from a parent seed and the purpose's labels, so that streams do not overlap and
 * adding one leaves the others unchanged.
 *
 * @param seed parent seed, a finite number.
 * @param labels what the stream is for, outermost first; 1 and '1' differ.
 * @returns integer in [0, 2^32): the first four bytes of SHA-256 over the JSON list of seed and labels.
 */
export function deriveSeed(seed: number, ...labels: readonly (string | number)[]): number {
  return createHash('sha256')
    .update(JSON.stringify([seed, ...labels]))
    .digest()
    .readUInt32BE(0);
}
