import { clopperPearson } from '../rates/clopper-pearson.js';
import { type RocCurve, rocCurve } from './roc-curve.js';

/** A drawable ROC: equal-length arrays, false positive rates increasing. */
export interface RocBand {
  readonly fpr: Float64Array;
  readonly tpr: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly confidence: number;
  /** Each point's interval stands alone; the band as a whole covers the curve less often. */
  readonly coverage: 'pointwise';
}

/**
 * The empirical ROC with a pointwise Clopper-Pearson band on the true positive rate, thinned for drawing: of all false
 * positive counts, those nearest below a grid half spaced by logarithm down to a tenth of one non-member, half evenly.
 * Between points the curve is a step; nothing is interpolated.
 *
 * @param scores (n) without NaN; higher = more member-like.
 * @param membership (n) 1 = member, 0 = non-member; both must occur.
 * @param options `confidence` 0.95, `points` at most 400.
 * @returns from false positive rate 0 to 1, both included.
 * @throws as `rocCurve`.
 */
export function rocBand(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  options: { readonly confidence?: number; readonly points?: number } = {},
): RocBand {
  const { confidence = 0.95, points = 400 } = options;
  const curve = rocCurve(scores, membership);
  const kept = thin(highestPoints(curve), curve, points);
  const fpr = new Float64Array(kept.length);
  const tpr = new Float64Array(kept.length);
  const low = new Float64Array(kept.length);
  const high = new Float64Array(kept.length);
  kept.forEach((point, i) => {
    const rate = clopperPearson(curve.truePositives[point]!, curve.members, confidence);
    if (rate.status === 'notMeasured') return;
    fpr[i] = curve.falsePositives[point]! / curve.nonMembers;
    tpr[i] = rate.value;
    low[i] = rate.low;
    high[i] = rate.high;
  });
  return { fpr, tpr, low, high, confidence, coverage: 'pointwise' };
}

/** For each count of false positives that a threshold reaches, the last point with it. */
function highestPoints(curve: RocCurve): number[] {
  const { falsePositives } = curve;
  const highest: number[] = [];
  for (let point = 0; point < falsePositives.length; point += 1) {
    if (falsePositives[point + 1] !== falsePositives[point]) highest.push(point);
  }
  return highest;
}

function thin(candidates: readonly number[], curve: RocCurve, points: number): number[] {
  if (candidates.length <= points) return [...candidates];
  const half = Math.max(1, Math.floor(points / 2) - 1);
  const lowest = 1 / (10 * curve.nonMembers);
  const targets = [0, 1];
  for (let k = 0; k < half; k += 1) {
    targets.push(lowest ** (1 - k / half), k / half);
  }
  const kept = new Set<number>();
  for (const target of targets) kept.add(lastAtMost(candidates, curve, target));
  return [...kept].sort((a, b) => a - b);
}

function lastAtMost(candidates: readonly number[], curve: RocCurve, fpr: number): number {
  let low = 0;
  let high = candidates.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (curve.falsePositives[candidates[middle]!]! <= fpr * curve.nonMembers) low = middle;
    else high = middle - 1;
  }
  return candidates[low]!;
}
