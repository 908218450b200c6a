import { binomialSf, logBinomial, sigmoid } from '@engram/numeric';
import { bisect } from './bisect.js';

/** How guesses about canaries of one model came out. */
export interface GuessCounts {
  /** Canaries, each included by an independent fair coin. */
  readonly canaries: number;
  /** Guesses made; about the others nothing was said. */
  readonly guesses: number;
  /** Of those, right. */
  readonly correct: number;
}

/** No epsilon beyond this is told apart. */
const largestEpsilon = 100;

/**
 * The largest probability an (epsilon, delta)-private training gives to as many right guesses: with B ~ Bin(r, q),
 * q = e^eps / (1 + e^eps), it is P[B >= v] + 2 m delta max_{1 <= i <= v} P[v > B >= v - i] / i, at most 1.
 *
 * @param counts m canaries, r guesses, v right.
 * @param epsilon nats, at least 0.
 * @param delta fraction in [0, 1).
 * @returns p-value; small = more right guesses than such a model allows.
 * @see Steinke, Nasr and Jagielski 2023, "Privacy Auditing with One (1) Training Run", theorem 5.2.
 */
export function oneRunPValue({ canaries, guesses, correct }: GuessCounts, epsilon: number, delta: number): number {
  const q = sigmoid(epsilon);
  const tail = binomialSf(correct - 1, guesses, q);
  if (delta === 0 || correct === 0) return tail;
  return Math.min(1, tail + 2 * canaries * delta * largestMeanMass(correct, guesses, q));
}

/**
 * Lower bound on epsilon from right guesses about the canaries of one model: the largest epsilon rejected.
 *
 * @param counts of guesses whose number was fixed before they were looked at.
 * @param options.significance chance of exceeding the true epsilon, a fraction in (0, 1).
 * @param options.delta fraction in [0, 1).
 * @returns nats, at least 0; for delta = 0 and every guess right it is logit(significance^(1/r)).
 */
export function oneRunBound(
  counts: GuessCounts,
  { significance, delta }: { readonly significance: number; readonly delta: number },
): number {
  const rejected = (epsilon: number) => oneRunPValue(counts, epsilon, delta) <= significance;
  return rejected(0) ? bisect(rejected, 0, largestEpsilon) : 0;
}

/**
 * max over i of the mean of P[B = v - 1], ..., P[B = v - i]: downwards the masses rise to the mode and then fall, so the
 * mean is largest where the next mass would first lower it. Summed from one logarithm on, because the first masses may
 * underflow where the later do not.
 */
function largestMeanMass(correct: number, guesses: number, q: number): number {
  let count = correct - 1;
  let logMass = logBinomial(guesses, count) + count * Math.log(q) + (guesses - count) * Math.log1p(-q);
  let sum = 0;
  let best = 0;
  for (let i = 1; i <= correct; i += 1) {
    const mass = Math.exp(logMass);
    if (mass < best && count < guesses * q) break;
    sum += mass;
    best = Math.max(best, sum / i);
    logMass += Math.log(count / (guesses - count + 1)) - Math.log(q / (1 - q));
    count -= 1;
  }
  return best;
}
