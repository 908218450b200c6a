import { EngramError } from '@engram/domain';
import { argsort } from '@engram/numeric';
import { countSides } from '../scored-samples.js';

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
  const { members, nonMembers } = countSides(scores, membership);
  if (scores.length === 0) throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected scored samples, got none');
  if (members === 0 || nonMembers === 0) {
    throw new EngramError(
      'ENG_ONE_CLASS_ONLY',
      `expected members and non-members, got ${members} members and ${nonMembers} non-members`,
    );
  }
  const order = argsort(scores);
  const thresholds = new Float64Array(order.length + 1);
  const truePositives = new Uint32Array(order.length + 1);
  const falsePositives = new Uint32Array(order.length + 1);
  thresholds[0] = Infinity;
  let point = 0;
  let flaggedMembers = 0;
  for (let k = order.length - 1; k >= 0; k -= 1) {
    const index = order[k]!;
    flaggedMembers += membership[index]!;
    if (k > 0 && scores[order[k - 1]!] === scores[index]) continue;
    point += 1;
    thresholds[point] = scores[index]!;
    truePositives[point] = flaggedMembers;
    falsePositives[point] = order.length - k - flaggedMembers;
  }
  return {
    thresholds: thresholds.slice(0, point + 1),
    truePositives: truePositives.slice(0, point + 1),
    falsePositives: falsePositives.slice(0, point + 1),
    members,
    nonMembers,
  };
}

/**
 * Position of the last point whose false positives do not exceed `fpr`: the most a threshold may flag.
 *
 * @param curve from `rocCurve`.
 * @param fpr fraction in [0, 1].
 * @returns index into the curve; 0 when any threshold flags too many.
 */
export function pointAtFpr(curve: RocCurve, fpr: number): number {
  // A product that should be whole may come out a rounding below it.
  const allowed = Math.floor(fpr * curve.nonMembers + 1e-9);
  let low = 0;
  let high = curve.falsePositives.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (curve.falsePositives[middle]! <= allowed) low = middle;
    else high = middle - 1;
  }
  return low;
}
