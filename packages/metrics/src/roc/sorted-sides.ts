import { sortDoubles } from '@engram/numeric';
import { countSides } from '../scored-samples.js';

/** The scores of either side, increasing. Most of what a ROC tells is in these two lists, and numbers alone sort quickly. */
export interface SortedSides {
  readonly members: Float64Array;
  readonly nonMembers: Float64Array;
}

/**
 * @param scores (n) without NaN; higher = more member-like.
 * @param membership (n) 1 = member, 0 = non-member; either side may be empty.
 * @throws ENG_SHAPE_MISMATCH, ENG_VALUES_NOT_FINITE, ENG_LABEL_OUT_OF_RANGE as `countSides`.
 */
export function sortedSides(scores: ArrayLike<number>, membership: ArrayLike<number>): SortedSides {
  const counts = countSides(scores, membership);
  const members = new Float64Array(counts.members);
  const nonMembers = new Float64Array(counts.nonMembers);
  let m = 0;
  let k = 0;
  for (let i = 0; i < scores.length; i += 1) {
    if (membership[i] === 1) members[m++] = scores[i]!;
    else nonMembers[k++] = scores[i]!;
  }
  return { members: sortDoubles(members), nonMembers: sortDoubles(nonMembers) };
}

/**
 * Share of `others` below each of `scores`, ties half.
 *
 * @param scores (n) increasing. @param others (m) increasing, at least one.
 * @returns (n) in the order of `scores`.
 */
export function sharesBelow(scores: Float64Array, others: Float64Array): Float64Array {
  const shares = new Float64Array(scores.length);
  let below = 0;
  let upTo = 0;
  for (let i = 0; i < scores.length; i += 1) {
    const score = scores[i]!;
    while (below < others.length && others[below]! < score) below += 1;
    if (upTo < below) upTo = below;
    while (upTo < others.length && others[upTo]! <= score) upTo += 1;
    shares[i] = (below + upTo) / (2 * others.length);
  }
  return shares;
}
