import { EngramError } from '@engram/domain';
import { conformalPValues } from './conformal.js';
import { benjaminiHochberg } from './multiple-testing.js';

export interface CertifiedMembers {
  /** (n) 1 = in the list. */
  readonly listed: Uint8Array;
  readonly count: number;
  /** The largest q-value in the list: the share of non-members to expect in it; 0 when empty. */
  readonly expectedFalseShare: number;
  /** (n) least false discovery rate at which each sample would be listed. */
  readonly qValues: Float64Array;
}

/**
 * A list of samples that holds at most a share `fdr` of non-members in expectation: conformal p-values against calibration
 * non-members, then Benjamini and Hochberg. Sound whatever the scores are, as long as calibration samples are exchangeable
 * with the non-members judged.
 *
 * @param scores (n) of the samples judged, without NaN; higher = more member-like.
 * @param calibrationScores (c) of non-members not judged; at least one.
 * @param fdr false discovery rate, a fraction in (0, 1).
 * @returns the list; empty when nothing stands out, or when it would be shorter than `shortestCertifiedList`.
 * @throws ENG_INSUFFICIENT_SAMPLES no calibration scores. ENG_VALUES_NOT_FINITE a score is NaN. ENG_REQUEST_INVALID.
 * @see Bates et al. 2023, "Testing for outliers with conformal p-values", theorem 2.
 */
export function certifyMembers(
  scores: ArrayLike<number>,
  calibrationScores: ArrayLike<number>,
  fdr: number,
): CertifiedMembers {
  checkFdr(fdr);
  const { rejected, qValues, count } = benjaminiHochberg(conformalPValues(scores, calibrationScores), fdr);
  let expectedFalseShare = 0;
  rejected.forEach((listed, i) => {
    if (listed === 1) expectedFalseShare = Math.max(expectedFalseShare, qValues[i]!);
  });
  return { listed: rejected, count, expectedFalseShare, qValues };
}

/**
 * The fewest samples a certified list can hold: no p-value is below 1 / (c + 1), and a list of k of n samples needs p-values
 * of at most fdr k / n.
 *
 * @param judged n, samples judged.
 * @param calibration c, calibration samples.
 * @param fdr fraction in (0, 1).
 * @returns n / (fdr (c + 1)), rounded up; above n when no list can be certified at all.
 */
export function shortestCertifiedList(judged: number, calibration: number, fdr: number): number {
  checkFdr(fdr);
  return Math.ceil(judged / (fdr * (calibration + 1)) - 1e-9);
}

function checkFdr(fdr: number): void {
  if (!(fdr > 0 && fdr < 1))
    throw new EngramError('ENG_REQUEST_INVALID', `expected a false discovery rate between 0 and 1, got ${fdr}`);
}
