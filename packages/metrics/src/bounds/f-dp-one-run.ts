import { normalCdf, normalQuantile } from '@engram/numeric';
import { bisect } from './bisect.js';
import { epsilonOfMu } from './gaussian-conversion.js';
import type { GaussianBound } from './gaussian-epsilon.js';
import type { GuessCounts } from './one-run.js';

const largestMu = 50;

/**
 * Whether as many right guesses refute that training has a trade-off curve.
 *
 * @param counts m canaries, R guesses, v right; the number of guesses fixed beforehand.
 * @param blowUpInverse of the curve: from the probability of an event with the record to the least it can have without
 *   it. Not the trade-off function itself. Of mu-GDP: Phi(Phi^-1(x) - mu).
 * @param significance fraction in (0, 1).
 * @see Mahloujifar, Melis and Chaudhuri 2025, "Auditing f-Differential Privacy in One Run", algorithm 3.
 */
export function refutesCurve(
  { canaries, guesses, correct }: GuessCounts,
  blowUpInverse: (probability: number) => number,
  significance: number,
): boolean {
  let right = (significance * correct) / canaries;
  let wrong = (significance * (guesses - correct)) / canaries;
  for (let i = correct - 1; i >= 0; i -= 1) {
    const raised = Math.max(wrong, blowUpInverse(right));
    if (raised === wrong) break;
    right = Math.min(1, right + (i / (guesses - i)) * (raised - wrong));
    wrong = raised;
  }
  return right + wrong > guesses / canaries;
}

/**
 * Lower bound on mu from right guesses about the canaries of one model, and its epsilon: the largest mu refuted. Valid for
 * mechanisms whose trade-off curve is Gaussian.
 *
 * @param counts of guesses whose number was fixed before they were looked at.
 * @param options.significance chance of exceeding the true mu, a fraction in (0, 1).
 * @param options.delta fraction in (0, 1), at which mu is expressed as epsilon.
 */
export function fDpOneRunBound(
  counts: GuessCounts,
  { significance, delta }: { readonly significance: number; readonly delta: number },
): GaussianBound {
  const refuted = (mu: number) => refutesCurve(counts, (x) => normalCdf(normalQuantile(x) - mu), significance);
  const mu = refuted(0) ? bisect(refuted, 0, largestMu) : 0;
  return { mu, epsilon: epsilonOfMu(mu, delta) };
}
