import { argsort } from '@engram/numeric';
import { countSides } from '../scored-samples.js';

/** DeLong's placement values: how each sample stands among the other side. */
export interface Placements {
  /** (members) share of non-members below each member, ties half; in the order of the samples. */
  readonly ofMembers: Float64Array;
  /** (nonMembers) share of members above each non-member, ties half; in the order of the samples. */
  readonly ofNonMembers: Float64Array;
}

/**
 * Placement values of every sample in one sort. The mean of either side is the AUC; their variances are its variance.
 *
 * @param scores (n) without NaN; higher = more member-like.
 * @param membership (n) 1 = member, 0 = non-member. With one side empty the other's placements are NaN.
 * @returns the placements.
 * @throws ENG_SHAPE_MISMATCH, ENG_VALUES_NOT_FINITE, ENG_LABEL_OUT_OF_RANGE as `countSides`.
 * @see DeLong, DeLong and Clarke-Pearson 1988; Sun and Xu 2014 for the sorting.
 */
export function placements(scores: ArrayLike<number>, membership: ArrayLike<number>): Placements {
  const { members, nonMembers } = countSides(scores, membership);
  const order = argsort(scores);
  const shares = new Float64Array(order.length);
  let membersBelow = 0;
  let nonMembersBelow = 0;
  let start = 0;
  while (start < order.length) {
    let end = start;
    let tiedMembers = 0;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) {
      tiedMembers += membership[order[end]!]!;
      end += 1;
    }
    const tiedNonMembers = end - start - tiedMembers;
    const memberShare = (nonMembersBelow + 0.5 * tiedNonMembers) / nonMembers;
    const nonMemberShare = (members - membersBelow - 0.5 * tiedMembers) / members;
    for (let k = start; k < end; k += 1) {
      const index = order[k]!;
      shares[index] = membership[index] === 1 ? memberShare : nonMemberShare;
    }
    membersBelow += tiedMembers;
    nonMembersBelow += tiedNonMembers;
    start = end;
  }
  const ofMembers = new Float64Array(members);
  const ofNonMembers = new Float64Array(nonMembers);
  let m = 0;
  let n = 0;
  for (let i = 0; i < shares.length; i += 1) {
    if (membership[i] === 1) ofMembers[m++] = shares[i]!;
    else ofNonMembers[n++] = shares[i]!;
  }
  return { ofMembers, ofNonMembers };
}
