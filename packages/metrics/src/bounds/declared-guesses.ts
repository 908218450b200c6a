import { EngramError } from '@engram/domain';
import { guessOrder } from './guess-order.js';
import type { GuessCounts } from './one-run.js';

/** How many canaries are guessed included (the highest scores) and left out (the lowest); about the rest nothing is said. */
export interface GuessSplit {
  readonly in: number;
  readonly out: number;
}

/**
 * How many guesses are made, decided before any is looked at: one split, or a grid of at most six of which the best is
 * kept at a price, every split being tested at the significance divided by their number (Bonferroni).
 */
export type DeclaredGuesses = GuessSplit | { readonly grid: readonly GuessSplit[] };

/** Splits beyond these cost more significance than choosing among them gains. */
const mostSplits = 6;

/** One declared split and how it came out. */
export interface GuessOutcome extends GuessCounts {
  readonly split: GuessSplit;
}

export function declaredSplits(declared: DeclaredGuesses): readonly GuessSplit[] {
  return 'grid' in declared ? declared.grid : [declared];
}

/**
 * Makes the declared guesses and counts the right ones.
 *
 * @param scores (m) one per canary, all canaries of the model; higher = more surely included.
 * @param membership (m) 1 = included, by an independent fair coin.
 * @param seed orders equal scores.
 * @returns one outcome per declared split, in their order.
 * @throws ENG_REQUEST_INVALID no split, more than six, or a split with no guess or more guesses than canaries; and as
 *   `countSides`.
 */
export function makeGuesses(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  declared: DeclaredGuesses,
  seed: number,
): readonly GuessOutcome[] {
  const splits = declaredSplits(declared);
  if (splits.length === 0 || splits.length > mostSplits)
    throw new EngramError('ENG_REQUEST_INVALID', `expected 1 to ${mostSplits} declared splits, got ${splits.length}`);
  const order = guessOrder(scores, membership, seed);
  return splits.map((split) => {
    checkSplit(split, order.length);
    let correct = 0;
    for (let rank = 0; rank < split.in; rank += 1) correct += membership[order[rank]];
    for (let rank = 0; rank < split.out; rank += 1) correct += 1 - membership[order[order.length - 1 - rank]];
    return { split, canaries: order.length, guesses: split.in + split.out, correct };
  });
}

function checkSplit(split: GuessSplit, canaries: number): void {
  const guesses = split.in + split.out;
  if (
    ![split.in, split.out].every((count) => Number.isInteger(count) && count >= 0) ||
    guesses < 1 ||
    guesses > canaries
  )
    throw new EngramError(
      'ENG_REQUEST_INVALID',
      `expected 1 to ${canaries} guesses in whole numbers, got ${split.in} included and ${split.out} left out`,
      { remedy: 'Guess about no more canaries than there are.' },
    );
}
