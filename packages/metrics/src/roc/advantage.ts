import type { Measured } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { newcombeDifference } from '../rates/wilson.js';
import { countSides } from '../scored-samples.js';
import { refuseSides } from './auc.js';
import { rocCurve } from './roc-curve.js';
import { countFlagged } from './tpr-at-fpr.js';

export interface Advantage {
  /** True less false positive rate, in [-1, 1]; 0 = guessing. */
  readonly advantage: Measured;
  /** (TPR + TNR) / 2, in [0, 1]; 0.5 = guessing. Always (1 + advantage) / 2. */
  readonly balancedAccuracy: Measured;
}

/**
 * Membership advantage and balanced accuracy at a threshold fixed beforehand.
 *
 * @param scores (n) without NaN; higher = more member-like.
 * @param membership (n) 1 = member, 0 = non-member.
 * @param threshold flag strictly above it; chosen without these samples.
 * @param confidence two-sided, of both intervals (Newcombe's).
 * @returns both numbers; not measured with ENG_ONE_CLASS_ONLY or ENG_INSUFFICIENT_SAMPLES.
 * @throws ENG_SHAPE_MISMATCH, ENG_VALUES_NOT_FINITE, ENG_LABEL_OUT_OF_RANGE as `countSides`.
 * @see Yeom et al. 2018, "Privacy Risk in Machine Learning", definition 4.
 */
export function advantageAtThreshold(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  threshold: number,
  confidence = 0.95,
): Advantage {
  const { members, nonMembers } = countSides(scores, membership);
  const { truePositives, falsePositives } = countFlagged(scores, membership, threshold);
  return fromCounts(truePositives, members, falsePositives, nonMembers, confidence);
}

/**
 * Membership advantage and balanced accuracy with the best threshold of each half applied to the other half. The
 * maximum over thresholds on the samples it is counted on would be optimistic; this is not.
 *
 * @param scores (n) without NaN; higher = more member-like.
 * @param membership (n) 1 = member, 0 = non-member.
 * @param options `seed` of the stratified halves, `confidence` 0.95.
 * @returns both numbers; not measured with ENG_ONE_CLASS_ONLY, or ENG_INSUFFICIENT_SAMPLES below two per side.
 * @throws ENG_SHAPE_MISMATCH, ENG_VALUES_NOT_FINITE, ENG_LABEL_OUT_OF_RANGE as `countSides`.
 */
export function advantage(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  options: { readonly seed: number; readonly confidence?: number },
): Advantage {
  const sides = countSides(scores, membership);
  const refusal = refuseSides(sides);
  if (refusal !== undefined) return { advantage: refusal, balancedAccuracy: refusal };
  const halves = stratifiedHalves(membership, options.seed);
  let truePositives = 0;
  let falsePositives = 0;
  for (const half of [0, 1]) {
    const chosenOn = select(scores, membership, halves, half);
    const judged = select(scores, membership, halves, 1 - half);
    const flagged = countFlagged(judged.scores, judged.membership, bestThreshold(chosenOn.scores, chosenOn.membership));
    truePositives += flagged.truePositives;
    falsePositives += flagged.falsePositives;
  }
  return fromCounts(truePositives, sides.members, falsePositives, sides.nonMembers, options.confidence ?? 0.95);
}

/**
 * The threshold with the largest TPR - FPR on these samples. Optimistic where it is chosen; use it on others.
 *
 * @param scores (n) without NaN; higher = more member-like.
 * @param membership (n) both sides must occur.
 * @returns a threshold to flag strictly above; halfway between two scores, or infinite.
 * @throws as `rocCurve`.
 */
export function bestThreshold(scores: ArrayLike<number>, membership: ArrayLike<number>): number {
  const curve = rocCurve(scores, membership);
  let best = 0;
  let bestAdvantage = 0;
  for (let point = 0; point < curve.thresholds.length; point += 1) {
    const gain = curve.truePositives[point]! / curve.members - curve.falsePositives[point]! / curve.nonMembers;
    if (gain > bestAdvantage) {
      best = point;
      bestAdvantage = gain;
    }
  }
  const flagged = curve.thresholds[best]!;
  const unflagged = curve.thresholds[best + 1] ?? -Infinity;
  const middle = unflagged + (flagged - unflagged) / 2;
  // Between neighbouring doubles, or next to infinity, there is no room: the unflagged score itself is strict enough.
  return Number.isFinite(middle) && middle < flagged ? middle : best === 0 ? Infinity : unflagged;
}

function fromCounts(
  truePositives: number,
  members: number,
  falsePositives: number,
  nonMembers: number,
  confidence: number,
): Advantage {
  const refusal = refuseSides({ members, nonMembers });
  if (refusal !== undefined) return { advantage: refusal, balancedAccuracy: refusal };
  const difference = newcombeDifference(
    { count: truePositives, n: members },
    { count: falsePositives, n: nonMembers },
    confidence,
  );
  if (difference.status === 'notMeasured') return { advantage: difference, balancedAccuracy: difference };
  const balancedAccuracy: Measured = {
    ...difference,
    value: (1 + difference.value) / 2,
    low: (1 + difference.low) / 2,
    high: (1 + difference.high) / 2,
  };
  return { advantage: difference, balancedAccuracy };
}

/** 0 or 1 per sample; each side is split as evenly as it can be. */
function stratifiedHalves(membership: ArrayLike<number>, seed: number): Uint8Array {
  const random = createRandom(seed);
  const halves = new Uint8Array(membership.length);
  for (const side of [0, 1]) {
    const rows: number[] = [];
    for (let i = 0; i < membership.length; i += 1) if (membership[i] === side) rows.push(i);
    random.shuffle(rows).forEach((row, k) => {
      halves[row] = k % 2;
    });
  }
  return halves;
}

function select(scores: ArrayLike<number>, membership: ArrayLike<number>, halves: Uint8Array, half: number) {
  const rows = [...halves.keys()].filter((row) => halves[row] === half);
  return { scores: rows.map((row) => scores[row]!), membership: rows.map((row) => membership[row]!) };
}
