import type { NdArray, TaskSpec } from '@engram/domain';
import { createRandom, deriveSeed } from '@engram/numeric';
import type { AuditRows } from './audit-rows.js';

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

/**
 * Which rows each model of a group trained here saw. Models trained on the members alone saw the first rows: of those after
 * them they were told nothing.
 *
 * @param trainedOn (models, n) as the training left it, n at most the rows there are.
 * @returns for each model (rows), 1 = trained on.
 */
export function trainedMasks({ data, shape: [count, n] }: NdArray, rows: Pick<AuditRows, 'count'>): Uint8Array[] {
  return Array.from({ length: count }, (_, model) => {
    const mask = new Uint8Array(rows.count);
    mask.set(data.subarray(model * n, (model + 1) * n));
    return mask;
  });
}

/** Which rows a given reference model was trained on, as the datasets' `referenceMember` tells. */
export async function recordedMask(rows: AuditRows, model: number): Promise<Uint8Array> {
  const mask = new Uint8Array(rows.count);
  for (const { dataset, start } of rows.parts)
    mask.set((await dataset.numbers('referenceMember', model, model + 1)).data, start);
  return mask;
}
