import { log1mexp, normalLogCdf } from '@engram/numeric';
import { bisect } from './bisect.js';

/** No epsilon beyond this is told apart. */
const largestEpsilon = 200;

/**
 * The delta at which a mu-GDP mechanism is (epsilon, delta)-private:
 * Phi(-eps/mu + mu/2) - e^eps Phi(-eps/mu - mu/2), subtracted in the log domain.
 *
 * @param mu at least 0.
 * @param epsilon nats, at least 0.
 * @returns fraction in [0, 1].
 * @see Dong, Roth and Su 2019, "Gaussian Differential Privacy", corollary 2.13.
 */
export function gaussianDelta(mu: number, epsilon: number): number {
  if (mu === 0) return 0;
  const first = normalLogCdf(-epsilon / mu + mu / 2);
  const second = epsilon + normalLogCdf(-epsilon / mu - mu / 2);
  return second >= first ? 0 : Math.exp(first + log1mexp(second - first));
}

/**
 * The epsilon of a mu-GDP mechanism at a delta.
 *
 * @param mu at least 0.
 * @param delta fraction in (0, 1).
 * @returns nats in [0, 200]; 0 for mu = 0.
 */
export function epsilonOfMu(mu: number, delta: number): number {
  if (gaussianDelta(mu, 0) <= delta) return 0;
  return bisect((epsilon) => gaussianDelta(mu, epsilon) > delta, 0, largestEpsilon);
}

/**
 * The mu of the Gaussian mechanism that is exactly (epsilon, delta)-private: the inverse of `epsilonOfMu`.
 *
 * @param epsilon nats, at least 0.
 * @param delta fraction in (0, 1).
 * @returns mu in [0, 100].
 */
export function muOfEpsilon(epsilon: number, delta: number): number {
  return bisect((mu) => gaussianDelta(mu, epsilon) <= delta, 0, 100);
}
