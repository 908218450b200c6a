import type { Random } from '@engram/numeric';
import type { Decoder } from './language-model.js';

/**
 * The next token. Greedy: the most likely, ties to the lowest id. Sampling: temperature, then top-k (ties to the lowest
 * ids), then top-p (the crossing token is kept), renormalised each time; one uniform draw decides.
 *
 * @param logits (vocabulary)
 */
export function drawToken(logits: Float32Array, decoder: Decoder, random: Random): number {
  const best = mostLikely(logits);
  if (decoder.kind === 'greedy') return best;
  const { temperature = 1, topK = logits.length, topP = 1 } = decoder;
  const highest = logits[best]!;
  const massOf = (token: number) => Math.exp((logits[token]! - highest) / temperature);
  if (topK >= logits.length && topP >= 1) {
    const mass = new Float64Array(logits.length);
    for (let token = 0; token < logits.length; token++) mass[token] = massOf(token);
    return pick(mass, mass.length, random);
  }
  if (topK < logits.length) {
    const tokens = largest(logits, topK);
    const mass = Float64Array.from(tokens, massOf);
    return tokens[pick(mass, topP < 1 ? nucleus(mass, topP * sum(mass)) : mass.length, random)]!;
  }
  const total = sum(Float64Array.from(logits, (_, token) => massOf(token)));
  const tokens = mostOfMass(logits, massOf, total, topP);
  const mass = Float64Array.from(tokens, massOf);
  return tokens[pick(mass, nucleus(mass, topP * total), random)]!;
}

/** An index below `end`, with probability proportional to its mass. */
function pick(mass: Float64Array, end: number, random: Random): number {
  let left = random.uniform() * sum(mass.subarray(0, end));
  for (let index = 0; index < end; index++) {
    left -= mass[index]!;
    if (left < 0) return index;
  }
  return end - 1;
}

/** How many of the descending masses it takes to reach `wanted`. */
function nucleus(mass: Float64Array, wanted: number): number {
  let reached = 0;
  for (let index = 0; index < mass.length; index++) {
    reached += mass[index]!;
    if (reached >= wanted) return index + 1;
  }
  return mass.length;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The k tokens with the largest logits, descending, equal ones by id. */
function largest(logits: Float32Array, k: number): number[] {
  const kept: number[] = [];
  for (let token = 0; token < logits.length; token++) {
    if (kept.length === k && logits[token]! <= logits[kept[k - 1]!]!) continue;
    if (kept.length === k) kept.pop();
    let place = kept.length;
    while (place > 0 && logits[kept[place - 1]!]! < logits[token]!) place--;
    kept.splice(place, 0, token);
  }
  return kept;
}

/**
 * Tokens by descending logit, equal ones by id, without those that cannot be in the nucleus: all tokens below the
 * fraction (1 − p) / V of the mass together hold less than 1 − p of it, so the others reach p without them.
 */
function mostOfMass(logits: Float32Array, massOf: (token: number) => number, total: number, topP: number): number[] {
  const least = (total * (1 - topP)) / logits.length;
  const kept: number[] = [];
  for (let token = 0; token < logits.length; token++) if (massOf(token) >= least) kept.push(token);
  return kept.sort((a, b) => logits[b]! - logits[a]! || a - b);
}

function mostLikely(logits: Float32Array): number {
  let best = 0;
  for (let token = 1; token < logits.length; token++) if (logits[token]! > logits[best]!) best = token;
  return best;
}
