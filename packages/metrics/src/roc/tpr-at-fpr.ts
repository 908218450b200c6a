import { EngramError, type Measured, notMeasured } from '@engram/domain';
import { selectInPlace } from '@engram/numeric';
import { clopperPearson } from '../rates/clopper-pearson.js';
import type { FlaggedCount } from '../rates/fisher-exact.js';
import { adequateNonMembers, minimumNonMembers } from '../rates/minimum-non-members.js';
import { countSides, type Sides, scoresOf } from '../scored-samples.js';
import { refuseSides } from './auc.js';
import { calibratedThreshold } from './calibrated-threshold.js';

/** What a threshold finds among the members and flags among the non-members. */
export interface OperatingPoint {
  /** The false positive rate asked for. */
  readonly fpr: number;
  /** Samples scoring above this are flagged; -Infinity flags all. Absent when nothing was measured. */
  readonly threshold?: number;
  readonly tpr: Measured;
  readonly realisedFpr: Measured;
  /** Samples flagged on each side. Absent when nothing was measured. */
  readonly flagged?: { readonly members: FlaggedCount; readonly nonMembers: FlaggedCount };
  /** The threshold was set on the very non-members its rate is measured on. */
  readonly inSample: boolean;
  /** Fewer than ten false positives are expected: the point is valid but coarse. */
  readonly fewNonMembers: boolean;
}

export interface OperatingPointOptions {
  /** Fraction in [0, 1); 0.001 means one in a thousand, 0 means above the largest non-member. */
  readonly fpr: number;
  /** Two-sided confidence of both intervals, a fraction. */
  readonly confidence?: number;
}

/**
 * True positive rate at the lowest threshold whose false positive rate does not exceed `fpr`. A step function: no
 * interpolation, so it never claims more than the data shows. The same non-members set the threshold and are counted,
 * so the point is in-sample; the interval is Clopper-Pearson at that threshold.
 *
 * @param scores (n) without NaN; higher = more member-like. Ties share a threshold.
 * @param membership (n) 1 = member, 0 = non-member.
 * @param options `fpr`, and `confidence` 0.95.
 * @returns rates as fractions of each side; higher `tpr` = the attack finds more members. Not measured with
 *   ENG_ONE_CLASS_ONLY, or with ENG_INSUFFICIENT_SAMPLES when there are fewer non-members than could certify the rate
 *   (`minimumNonMembers`); flagged below `adequateNonMembers`.
 * @throws ENG_REQUEST_INVALID fpr is not in [0, 1). ENG_SHAPE_MISMATCH, ENG_VALUES_NOT_FINITE, ENG_LABEL_OUT_OF_RANGE
 *   as `countSides`.
 * @see Carlini et al. 2022, "Membership Inference Attacks From First Principles", on low false positive rates.
 */
export function tprAtFpr(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  options: OperatingPointOptions,
): OperatingPoint {
  const { fpr, confidence = 0.95 } = options;
  const sides = countSides(scores, membership);
  const refusal = refuse(sides, sides.nonMembers, fpr);
  if (refusal !== undefined) return unmeasured(fpr, refusal, true);
  // A product that should be whole may come out a rounding below it.
  const allowed = Math.floor(fpr * sides.nonMembers + 1e-9);
  const theirs = scoresOf(scores, membership, 0);
  // The largest score left unflagged.
  const threshold = allowed < theirs.length ? selectInPlace(theirs, theirs.length - 1 - allowed) : -Infinity;
  const { truePositives, falsePositives } = countFlagged(scores, membership, threshold);
  return {
    fpr,
    threshold,
    tpr: clopperPearson(truePositives, sides.members, confidence),
    realisedFpr: clopperPearson(falsePositives, sides.nonMembers, confidence),
    flagged: {
      members: { count: truePositives, n: sides.members },
      nonMembers: { count: falsePositives, n: sides.nonMembers },
    },
    inSample: true,
    fewNonMembers: areFew(sides.nonMembers, fpr),
  };
}

/**
 * True and false positive rates at a threshold set on calibration non-members that are not among the samples judged.
 *
 * @param scores (n) without NaN; higher = more member-like.
 * @param membership (n) 1 = member, 0 = non-member.
 * @param calibrationScores (c) scores of other non-members.
 * @param options `fpr` above 0, and `confidence` 0.95.
 * @returns rates as fractions of each side. Not measured with ENG_ONE_CLASS_ONLY, or ENG_INSUFFICIENT_SAMPLES when the
 *   calibration scores are too few to certify the rate.
 * @throws as `tprAtFpr`.
 */
export function tprAtCalibratedThreshold(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  calibrationScores: ArrayLike<number>,
  options: OperatingPointOptions,
): OperatingPoint {
  const { fpr, confidence = 0.95 } = options;
  const sides = countSides(scores, membership);
  const refusal = refuse(sides, calibrationScores.length, fpr);
  if (refusal !== undefined) return unmeasured(fpr, refusal, false);
  const calibrated = calibratedThreshold(calibrationScores, fpr);
  if (calibrated.status === 'notMeasured') return unmeasured(fpr, calibrated, false);
  const { truePositives, falsePositives } = countFlagged(scores, membership, calibrated.threshold);
  return {
    fpr,
    threshold: calibrated.threshold,
    tpr: clopperPearson(truePositives, sides.members, confidence),
    realisedFpr: clopperPearson(falsePositives, sides.nonMembers, confidence),
    flagged: {
      members: { count: truePositives, n: sides.members },
      nonMembers: { count: falsePositives, n: sides.nonMembers },
    },
    inSample: false,
    fewNonMembers: areFew(calibrationScores.length, fpr),
  };
}

/** How many of each side score above `threshold`. */
export function countFlagged(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  threshold: number,
): { truePositives: number; falsePositives: number } {
  let truePositives = 0;
  let falsePositives = 0;
  for (let i = 0; i < scores.length; i += 1) {
    if (!(scores[i]! > threshold)) continue;
    if (membership[i] === 1) truePositives += 1;
    else falsePositives += 1;
  }
  return { truePositives, falsePositives };
}

function refuse(sides: Sides, thresholdSetters: number, fpr: number): Measured | undefined {
  if (!(fpr >= 0 && fpr < 1)) {
    throw new EngramError('ENG_REQUEST_INVALID', `expected a false positive rate in [0, 1), got ${fpr}`);
  }
  const refusal = refuseSides(sides);
  if (refusal !== undefined || fpr === 0) return refusal;
  const needed = minimumNonMembers(fpr);
  if (thresholdSetters >= needed) return undefined;
  return notMeasured(
    'ENG_INSUFFICIENT_SAMPLES',
    `a false positive rate of ${fpr} needs at least ${needed} non-members, got ${thresholdSetters}`,
  );
}

function areFew(nonMembers: number, fpr: number): boolean {
  return fpr > 0 && nonMembers < adequateNonMembers(fpr);
}

function unmeasured(fpr: number, reason: Measured, inSample: boolean): OperatingPoint {
  return { fpr, tpr: reason, realisedFpr: reason, inSample, fewNonMembers: false };
}
