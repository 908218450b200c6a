import { type DeclaredGuesses, type GuessOutcome, makeGuesses } from './declared-guesses.js';
import { fDpOneRunBound } from './f-dp-one-run.js';
import type { GuessCounts } from './one-run.js';
import { oneRunBound } from './one-run.js';

export interface OneRunOptions {
  /** Total chance of exceeding the true epsilon, a fraction in (0, 1). */
  readonly significance: number;
  /** Fraction: in [0, 1), for the f-DP bound in (0, 1). */
  readonly delta: number;
  /** Orders equal scores. */
  readonly seed: number;
}

/** The best bound the declared guesses gave. */
export interface OneRunEpsilon extends GuessOutcome {
  /** Nats, at least 0; higher = less private. */
  readonly epsilon: number;
  /** Splits tested, each at the significance divided by their number. */
  readonly splits: number;
  /** What the same guesses would have shown had every one been right. */
  readonly attainable: number;
}

/**
 * Lower bound on epsilon from one training run with canaries, for any (epsilon, delta)-private training.
 *
 * There is no way to try many numbers of guesses and keep the best: at a true epsilon of 1 and 500 canaries that claims
 * too much in 27 of 100 audits where 5 were promised.
 *
 * @param scores (m) one per canary, all canaries of the model; higher = more surely included.
 * @param membership (m) 1 = included, by an independent fair coin. An exact half breaks the proof: the guesses then know
 *   of each other.
 * @param declared how many guesses, decided before the scores were compared with the membership.
 * @throws as `makeGuesses`.
 * @see Steinke, Nasr and Jagielski 2023, "Privacy Auditing with One (1) Training Run", theorem 5.2.
 */
export function oneRunEpsilon(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  declared: DeclaredGuesses,
  options: OneRunOptions,
): OneRunEpsilon {
  return bestOf(makeGuesses(scores, membership, declared, options.seed), options, oneRunBound);
}

/**
 * Lower bound on epsilon from one training run with canaries, for mechanisms whose trade-off curve is Gaussian: tighter
 * than `oneRunEpsilon` where that holds, and no bound where it does not.
 *
 * @param scores (m) as for `oneRunEpsilon`.
 * @param membership (m) as for `oneRunEpsilon`.
 * @param declared how many guesses, decided before the scores were compared with the membership.
 * @throws as `makeGuesses`.
 * @see Mahloujifar, Melis and Chaudhuri 2025, "Auditing f-Differential Privacy in One Run".
 */
export function fDpOneRunEpsilon(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  declared: DeclaredGuesses,
  options: OneRunOptions,
): OneRunEpsilon {
  const bound = (counts: GuessCounts, rest: { readonly significance: number; readonly delta: number }) =>
    fDpOneRunBound(counts, rest).epsilon;
  return bestOf(makeGuesses(scores, membership, declared, options.seed), options, bound);
}

function bestOf(
  outcomes: readonly GuessOutcome[],
  { significance, delta }: OneRunOptions,
  bound: (counts: GuessCounts, options: { readonly significance: number; readonly delta: number }) => number,
): OneRunEpsilon {
  const each = { significance: significance / outcomes.length, delta };
  return outcomes
    .map((outcome) => ({
      ...outcome,
      epsilon: bound(outcome, each),
      splits: outcomes.length,
      attainable: bound({ ...outcome, correct: outcome.guesses }, each),
    }))
    .reduce((best, next) => (next.epsilon > best.epsilon ? next : best));
}
