import { createRandom, deriveSeed } from '@engram/numeric';

/**
 * Which samples a reference model trains on. Models come in complementary pairs (2j, 2j + 1): every sample is in
 * exactly one of the two, so each sample is seen by exactly half of an even bank, whatever its own membership.
 *
 * @param seed of the bank; a model's mask depends on it and the model's number alone.
 * @returns (n) 1 = trained on.
 */
export function referenceMask(seed: number, model: number, n: number): Uint8Array {
  const pair = Math.floor(model / 2);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  createRandom(deriveSeed(seed, 'mask', pair)).shuffle(order);
  const half = Math.floor(n / 2);
  const chosen = model % 2 === 0 ? order.subarray(0, half) : order.subarray(half);
  const mask = new Uint8Array(n);
  for (const i of chosen) mask[i] = 1;
  return mask;
}
