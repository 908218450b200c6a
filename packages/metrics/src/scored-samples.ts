import { EngramError } from '@engram/domain';

/** How many samples stand on each side of a membership question. */
export interface Sides {
  readonly members: number;
  readonly nonMembers: number;
}

/**
 * Refuses scores no metric can read: lengths that differ, NaN, or membership other than 0 and 1. ±Infinity is allowed,
 * because metrics of order need only order.
 *
 * @param scores (n) without NaN; higher = more member-like.
 * @param membership (n) 1 = member, 0 = non-member.
 * @returns the count of each side; either may be 0.
 * @throws ENG_SHAPE_MISMATCH lengths differ. ENG_VALUES_NOT_FINITE a score is NaN. ENG_LABEL_OUT_OF_RANGE.
 */
export function countSides(scores: ArrayLike<number>, membership: ArrayLike<number>): Sides {
  if (scores.length !== membership.length) {
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected one membership label per score, got ${scores.length} scores and ${membership.length} labels`,
    );
  }
  let members = 0;
  for (let i = 0; i < scores.length; i += 1) {
    if (Number.isNaN(scores[i])) {
      throw new EngramError('ENG_VALUES_NOT_FINITE', `expected a score for every sample, got NaN first in row ${i}`, {
        details: { firstRow: i },
      });
    }
    if (membership[i] !== 0 && membership[i] !== 1) {
      throw new EngramError('ENG_LABEL_OUT_OF_RANGE', `expected membership 0 or 1, got ${membership[i]} in row ${i}`);
    }
    members += membership[i]!;
  }
  return { members, nonMembers: scores.length - members };
}

/** The scores of one side, in their order. */
export function scoresOf(scores: ArrayLike<number>, membership: ArrayLike<number>, side: 0 | 1): Float64Array {
  const picked = new Float64Array(scores.length);
  let count = 0;
  for (let i = 0; i < scores.length; i += 1) {
    if (membership[i] !== side) continue;
    picked[count] = scores[i]!;
    count += 1;
  }
  return picked.slice(0, count);
}
