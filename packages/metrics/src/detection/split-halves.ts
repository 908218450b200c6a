import { createRandom } from '@engram/numeric';

/**
 * Labels that split samples of one side into two random halves, for the split-half control.
 *
 * @param count samples on the side.
 * @param seed of the split.
 * @returns (count) floor(count / 2) of them 1, the others 0.
 */
export function splitHalves(count: number, seed: number): Uint8Array {
  const labels = new Uint8Array(count);
  for (const row of createRandom(seed).sample(count, Math.floor(count / 2))) labels[row] = 1;
  return labels;
}
