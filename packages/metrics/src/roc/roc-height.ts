import { type Measured, notMeasured } from '@engram/domain';
import { incompleteBeta } from '@engram/numeric';
import { clopperPearsonOneSided } from '../rates/clopper-pearson.js';
import { minimumNonMembers } from '../rates/minimum-non-members.js';
import { countSides, scoresOf } from '../scored-samples.js';
import { refuseSides } from './auc.js';
import { countFlagged, tprAtFpr } from './tpr-at-fpr.js';

/**
 * Height of the population's ROC at exactly the false positive rate `fpr`, with an interval that allows for both things
 * the data leave open: where the threshold of that rate lies, and how many members are above it. The interval of
 * `tprAtFpr` holds for the threshold that was used, whose own rate is not exactly `fpr`, and so covers this height too
 * seldom.
 *
 * The rate of the j-th largest of n non-member scores is Beta(j, n - j + 1). The lower end counts members above the
 * deepest of them whose rate exceeds `fpr` with chance at most a quarter of 1 - confidence, by Clopper-Pearson at
 * another quarter; the upper end mirrors it. Conservative: the four quarters are added.
 *
 * @param scores (n) without NaN, from continuous distributions; higher = more member-like.
 * @param membership (n) 1 = member, 0 = non-member.
 * @param options `fpr` in (0, 1), `confidence` 0.95.
 * @returns the rate found at the step threshold, and the interval of the height. Not measured as `tprAtFpr`.
 * @throws as `tprAtFpr`.
 */
export function rocHeight(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  options: { readonly fpr: number; readonly confidence?: number },
): Measured {
  const { fpr, confidence = 0.95 } = options;
  const sides = countSides(scores, membership);
  const refusal = refuseSides(sides);
  if (refusal !== undefined) return refusal;
  if (sides.nonMembers < minimumNonMembers(fpr))
    return notMeasured(
      'ENG_INSUFFICIENT_SAMPLES',
      `a false positive rate of ${fpr} needs at least ${minimumNonMembers(fpr)} non-members, got ${sides.nonMembers}`,
    );
  const { tpr } = tprAtFpr(scores, membership, { fpr, confidence });
  if (tpr.status === 'notMeasured') return tpr;
  const quarter = (1 - confidence) / 4;
  const ascending = scoresOf(scores, membership, 0).sort();
  const found = (rank: number) => countFlagged(scores, membership, ascending[ascending.length - rank]!).truePositives;
  const n = sides.nonMembers;
  // P(Beta(j, n - j + 1) <= fpr) falls as the rank grows.
  const shallow = lastRank(n, (rank) => 1 - incompleteBeta(rank, n - rank + 1, fpr) <= quarter);
  const deep = rankBeyond(n, fpr, quarter);
  const low = shallow === 0 ? 0 : clopperPearsonOneSided(found(shallow), sides.members, 'lower', 1 - quarter);
  const high = deep > n ? 1 : clopperPearsonOneSided(found(deep), sides.members, 'upper', 1 - quarter);
  return { ...tpr, low: Math.min(low, tpr.value), high: Math.max(high, tpr.value), n: scores.length, method: 'order' };
}

/**
 * The first of n non-member scores, from the largest down, whose false positive rate is below `fpr` with chance at most
 * `chance`: rates of ranks are Beta(j, n - j + 1).
 *
 * @returns a rank from 1 on; n + 1 when there is none.
 */
export function rankBeyond(n: number, fpr: number, chance: number): number {
  return 1 + lastRank(n, (rank) => incompleteBeta(rank, n - rank + 1, fpr) > chance);
}

/** The last rank in 1..n of those from 1 on for which `holds`; 0 when it does not hold for the first. */
function lastRank(n: number, holds: (rank: number) => boolean): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
