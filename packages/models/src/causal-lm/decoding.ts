import type { Random } from '@engram/numeric';
import type { Decoder } from './language-model.js';

/**
 * The next token. Greedy: the most likely, ties to the lowest id. Sampling: temperature, then top-k (ties to the lowest
 * ids), then top-p (the crossing token is kept), renormalised each time; one uniform draw decides.
 *
 * @param logits (vocabulary)
 */
export function drawToken(logits: ArrayLike<number>, decoder: Decoder, random: Random): number {
  if (decoder.kind === 'greedy') return mostLikely(logits);
  const { temperature = 1, topK, topP } = decoder;
  const tokens = Array.from({ length: logits.length }, (_, token) => token);
  const isCut = (topK !== undefined && topK < logits.length) || (topP !== undefined && topP < 1);
  // The order is only needed to cut; equal logits by id.
  if (isCut) tokens.sort((a, b) => logits[b]! - logits[a]! || a - b);
  const kept = topK === undefined ? tokens : tokens.slice(0, topK);
  const highest = kept.reduce((best, token) => Math.max(best, logits[token]!), Number.NEGATIVE_INFINITY);
  const mass = Float64Array.from(kept, (token) => Math.exp((logits[token]! - highest) / temperature));
  const end = topP === undefined || topP >= 1 ? kept.length : nucleus(mass, topP);
  const total = mass.subarray(0, end).reduce((sum, each) => sum + each, 0);
  let left = random.uniform() * total;
  for (let index = 0; index < end; index++) {
    left -= mass[index]!;
    if (left < 0) return kept[index]!;
  }
  return kept[end - 1]!;
}

/** How many of the descending masses reach the fraction `topP` of their sum. */
function nucleus(mass: Float64Array, topP: number): number {
  const total = mass.reduce((sum, each) => sum + each, 0);
  let reached = 0;
  for (let index = 0; index < mass.length; index++) {
    reached += mass[index]! / total;
    if (reached >= topP) return index + 1;
  }
  return mass.length;
}

export function mostLikely(logits: ArrayLike<number>): number {
  let best = 0;
  for (let token = 1; token < logits.length; token++) if (logits[token]! > logits[best]!) best = token;
  return best;
}
