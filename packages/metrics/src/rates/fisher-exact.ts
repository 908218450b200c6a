import { logBinomial } from '@engram/numeric';
import { checkCount } from './clopper-pearson.js';

/** How many of so many samples were flagged. */
export interface FlaggedCount {
  readonly count: number;
  readonly n: number;
}

/**
 * One-sided p-value of Fisher's exact test that members are flagged more often than non-members.
 *
 * Also exact where the threshold is the (k + 1)-th largest score of these very non-members, given `nonMembers.count` = k:
 * at least t members lie above it if and only if at least t of the t + k largest scores are members, which under exchange
 * of members and non-members is the same hypergeometric tail. Ties flagged on neither side only make it larger.
 *
 * @param members flagged members, of all members.
 * @param nonMembers flagged non-members, of all non-members.
 * @returns P(at least so many of the flagged are members) when flagging is blind to membership; in (0, 1], small = members
 *   are flagged more often. 1 when a side is empty or nothing is flagged.
 * @throws ENG_SHAPE_MISMATCH a count is not in [0, n].
 * @see Fisher 1935; Epstein 1954, "Tables for the distribution of the number of exceedances".
 */
export function fisherExactGreater(members: FlaggedCount, nonMembers: FlaggedCount): number {
  checkCount(members.count, members.n);
  checkCount(nonMembers.count, nonMembers.n);
  const flagged = members.count + nonMembers.count;
  const expected = (flagged * members.n) / (members.n + nonMembers.n);
  if (!(members.count > expected)) return 1 - tail(members.n, nonMembers.n, flagged, members.count - 1, -1);
  // Never 0: a tail below the smallest double is still not impossible.
  return Math.max(Number.MIN_VALUE, tail(members.n, nonMembers.n, flagged, members.count, 1));
}

/** Hypergeometric probability of `from` and all beyond it in direction `step`, which must lead away from the mode. */
function tail(members: number, nonMembers: number, flagged: number, from: number, step: 1 | -1): number {
  let term = Math.exp(
    logBinomial(members, from) + logBinomial(nonMembers, flagged - from) - logBinomial(members + nonMembers, flagged),
  );
  let sum = 0;
  for (let k = from; term > 1e-18 * sum; k += step) {
    sum += term;
    // The next term by the ratio of binomial coefficients; it becomes 0 past the last possible count.
    term *=
      step === 1
        ? ((members - k) / (k + 1)) * ((flagged - k) / (nonMembers - flagged + k + 1))
        : (k / (members - k + 1)) * ((nonMembers - flagged + k) / (flagged - k + 1));
  }
  return Math.min(1, sum);
}
