import { EngramError } from '@engram/domain';
import { sortedSides } from './sorted-sides.js';

/** The empirical ROC as counts. Point 0 flags nothing; point k flags every score at or above `thresholds[k]`. */
export interface RocCurve {
  /** Decreasing distinct scores; the first is Infinity and stands for flagging nothing. */
  readonly thresholds: Float64Array;
  readonly truePositives: Uint32Array;
  readonly falsePositives: Uint32Array;
  readonly members: number;
  readonly nonMembers: number;
}

/**
 * The empirical ROC by sorting distinct scores. Tied scores move together; no convex hull is taken, so no point claims
 * what no threshold reaches.
 *
 * @param scores (n) without NaN; higher = more member-like.
 * @param membership (n) 1 = member, 0 = non-member; both must occur.
 * @returns points from (0, 0) to (members, nonMembers), both counts non-decreasing.
 * @throws ENG_ONE_CLASS_ONLY. ENG_INSUFFICIENT_SAMPLES no samples. ENG_SHAPE_MISMATCH, ENG_VALUES_NOT_FINITE,
 *   ENG_LABEL_OUT_OF_RANGE as `countSides`.
 */
export function rocCurve(scores: ArrayLike<number>, membership: ArrayLike<number>): RocCurve {
  const sides = sortedSides(scores, membership);
  const members = sides.members.length;
  const nonMembers = sides.nonMembers.length;
  if (scores.length === 0) throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected scored samples, got none');
  if (members === 0 || nonMembers === 0) {
    throw new EngramError(
      'ENG_ONE_CLASS_ONLY',
      `expected members and non-members, got ${members} members and ${nonMembers} non-members`,
    );
  }
  const thresholds = new Float64Array(scores.length + 1);
  const truePositives = new Uint32Array(scores.length + 1);
  const falsePositives = new Uint32Array(scores.length + 1);
  thresholds[0] = Infinity;
  let point = 0;
  let m = members - 1;
  let k = nonMembers - 1;
  while (m >= 0 || k >= 0) {
    const threshold = Math.max(m >= 0 ? sides.members[m]! : -Infinity, k >= 0 ? sides.nonMembers[k]! : -Infinity);
    while (m >= 0 && sides.members[m]! === threshold) m -= 1;
    while (k >= 0 && sides.nonMembers[k]! === threshold) k -= 1;
    point += 1;
    thresholds[point] = threshold;
    truePositives[point] = members - 1 - m;
    falsePositives[point] = nonMembers - 1 - k;
  }
  return {
    thresholds: thresholds.slice(0, point + 1),
    truePositives: truePositives.slice(0, point + 1),
    falsePositives: falsePositives.slice(0, point + 1),
    members,
    nonMembers,
  };
}
