import { sigmoid } from '@engram/numeric';
import { bisect } from './bisect.js';
import { guessOrder } from './guess-order.js';

/** How far epsilon is searched, and how finely before the last step. */
const largestEpsilon = 50;
const step = 0.02;
/** Never bet everything: one wrong guess would end the process. */
const largestShare = 1 - 1e-6;

/**
 * Lower bound on epsilon at delta = 0 by betting: membership is revealed canary by canary, the surest guesses first, and
 * a gambler bets on each guess being right at the odds an epsilon-private model would make fair. Wealth is then a
 * supermartingale whose maximum exceeds 1 / significance with a chance of at most `significance` (Ville), so no number of
 * guesses needs to be chosen.
 *
 * The share bet is (right so far + 3/2) / (guesses so far + 2), at least q: fixed before the guess is revealed. Reported
 * is the smallest epsilon that is not refuted, which exceeds the truth only if the truth itself is refuted.
 *
 * @param scores (m) one per canary, all canaries of the model; higher = more surely included. Order and guesses depend on
 *   these alone.
 * @param membership (m) 1 = included, by an independent fair coin.
 * @param options.significance chance of exceeding the true epsilon, a fraction in (0, 1).
 * @param options.seed orders equal scores.
 * @returns nats, at least 0.
 * @throws as `countSides`.
 * @see Steinke, Nasr and Jagielski 2023, proposition 5.1 for the conditional probability of each guess; Ville 1939 for
 *   the maximum; Waudby-Smith and Ramdas 2023, "Estimating Means of Bounded Random Variables by Betting".
 */
export function bettingEpsilon(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  { significance, seed }: { readonly significance: number; readonly seed: number },
): number {
  const right = revealedGuesses(scores, membership, seed);
  const goal = -Math.log(significance);
  const refuted = (epsilon: number) => largestLogWealth(right, sigmoid(epsilon)) >= goal;
  let epsilon = 0;
  while (refuted(epsilon)) {
    epsilon += step;
    if (epsilon >= largestEpsilon) return largestEpsilon;
  }
  return epsilon === 0 ? 0 : bisect(refuted, epsilon - step, epsilon);
}

/** (m) 1 = right: the highest score is guessed included, the lowest left out, the next highest included, and so on. */
function revealedGuesses(scores: ArrayLike<number>, membership: ArrayLike<number>, seed: number): Uint8Array {
  const order = guessOrder(scores, membership, seed);
  const right = new Uint8Array(order.length);
  for (let s = 0; s < right.length; s += 1) {
    const rank = s >> 1;
    right[s] = s % 2 === 0 ? membership[order[rank]] : 1 - membership[order[order.length - 1 - rank]];
  }
  return right;
}

function largestLogWealth(right: Uint8Array, q: number): number {
  let logWealth = 0;
  let largest = 0;
  let correct = 0;
  for (let s = 0; s < right.length; s += 1) {
    const share = Math.max(q, Math.min(largestShare, (correct + 1.5) / (s + 2)));
    if (share > q) {
      logWealth += right[s] === 1 ? Math.log(share / q) : Math.log((1 - share) / (1 - q));
      if (logWealth > largest) largest = logWealth;
    }
    correct += right[s];
  }
  return largest;
}
