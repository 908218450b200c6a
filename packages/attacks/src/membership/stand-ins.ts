import { argsort, contentHashes, deriveSeed } from '@engram/numeric';
import type { ReferenceSignals } from './signals.js';

/** Eight models give 8 n outcomes for a handful of settings; more would only cost time. */
const mostTargets = 8;

/**
 * Reference models to stand in for the target while something is learned: drawn by what they answered, not by where they
 * are in the bank.
 *
 * @returns rows of the bank, eight at most.
 */
export function standIns({ models, loss }: Pick<ReferenceSignals, 'models' | 'loss'>, seed: number): Uint32Array {
  const answers = { data: loss, shape: [models, loss.length / models] };
  return argsort(contentHashes(answers, deriveSeed(seed, 'stand-ins'))).subarray(0, mostTargets);
}
