import type { TaskSpec } from '@engram/domain';
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

/**
 * A random subset of another size than half, drawn for each model by itself: a sample is in a share of them, not in an
 * exact number.
 *
 * @param fraction of the samples, in (0, 1); at least one sample is in and one is out.
 * @returns (n) 1 = trained on.
 */
function referenceSubset(seed: number, model: number, n: number, fraction: number): Uint8Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  createRandom(deriveSeed(seed, 'subset', fraction, model)).shuffle(order);
  const size = Math.min(n - 1, Math.max(1, Math.round(fraction * n)));
  const mask = new Uint8Array(n);
  for (const i of order.subarray(0, size)) mask[i] = 1;
  return mask;
}

/** What a model of a task's bank trains on among n samples: half of them, unless the task says another share. */
export function bankMask({ seed, params }: TaskSpec, model: number, n: number): Uint8Array {
  const fraction = params.subsetFraction;
  return typeof fraction === 'number' ? referenceSubset(seed, model, n, fraction) : referenceMask(seed, model, n);
}
