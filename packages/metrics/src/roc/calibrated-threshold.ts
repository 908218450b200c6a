import { type NotMeasured, notMeasured } from '@engram/domain';
import { incompleteBetaInverse } from '@engram/numeric';

/** A threshold with what is known of its false positive rate before any sample is judged. */
export interface CalibratedThreshold {
  readonly status: 'measured';
  /** Flag a sample when its score is above this. */
  readonly threshold: number;
  /** The threshold is the `rank`-th largest calibration score. */
  readonly rank: number;
  /** rank / (n + 1), at most the rate asked for: the mean of the realised rate. */
  readonly expectedFpr: number;
  /** With continuous scores the realised rate is Beta(rank, n - rank + 1); this is its quantile at `confidence`. */
  readonly fprBound: number;
  readonly confidence: number;
}

/**
 * The threshold rule for a false positive rate on exchangeable non-members: k = floor(fpr (n + 1)), threshold = k-th
 * largest calibration score, flag strictly above it.
 *
 * @param calibrationScores (n) scores of non-members that will not be judged; without NaN.
 * @param fpr fraction in (0, 1).
 * @param confidence of `fprBound`, one-sided.
 * @returns the threshold; not measured with ENG_INSUFFICIENT_SAMPLES when k = 0.
 */
export function calibratedThreshold(
  calibrationScores: ArrayLike<number>,
  fpr: number,
  confidence = 0.95,
): CalibratedThreshold | NotMeasured {
  const n = calibrationScores.length;
  const rank = Math.floor(fpr * (n + 1) + 1e-9);
  if (!(rank >= 1) || rank > n) {
    return notMeasured(
      'ENG_INSUFFICIENT_SAMPLES',
      `a threshold at false positive rate ${fpr} needs at least ${Math.ceil(1 / fpr) - 1} calibration scores, got ${n}`,
    );
  }
  const sorted = Float64Array.from(calibrationScores).sort();
  return {
    status: 'measured',
    threshold: sorted[n - rank]!,
    rank,
    expectedFpr: rank / (n + 1),
    fprBound: incompleteBetaInverse(rank, n - rank + 1, confidence),
    confidence,
  };
}
