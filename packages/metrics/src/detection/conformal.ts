import { EngramError, type NotMeasured, notMeasured } from '@engram/domain';

/**
 * Conformal p-values: for each score, (1 + controls at or above it) / (controls + 1). Valid when the controls are
 * exchangeable with the samples under "not a member"; ties count against a claim.
 *
 * @param scores (n) without NaN; higher = more member-like.
 * @param controlScores (c) scores of non-members; at least one.
 * @returns (n) in [1 / (c + 1), 1]; small = unlike the controls.
 * @throws ENG_INSUFFICIENT_SAMPLES no controls. ENG_VALUES_NOT_FINITE a score is NaN.
 * @see Bates et al. 2023, "Testing for outliers with conformal p-values".
 */
export function conformalPValues(scores: ArrayLike<number>, controlScores: ArrayLike<number>): Float64Array {
  const sorted = sortedControls(controlScores);
  if (sorted.length === 0) {
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected control scores to compare with, got none');
  }
  return Float64Array.from(scores, (score, i) => {
    if (Number.isNaN(score)) throw notOrdered(i);
    return (1 + sorted.length - countBelow(sorted, score)) / (sorted.length + 1);
  });
}

/**
 * The score that a non-member exceeds with chance at most `alpha`: the ceil((c + 1)(1 - alpha))-th smallest control.
 *
 * @param controlScores (c) scores of non-members, without NaN.
 * @param alpha fraction in (0, 1).
 * @returns the threshold to flag above; not measured with ENG_INSUFFICIENT_SAMPLES below 1 / alpha - 1 controls.
 * @throws ENG_VALUES_NOT_FINITE a score is NaN.
 */
export function conformalThreshold(
  controlScores: ArrayLike<number>,
  alpha: number,
): { readonly status: 'measured'; readonly threshold: number; readonly rank: number } | NotMeasured {
  const sorted = sortedControls(controlScores);
  const rank = Math.ceil((sorted.length + 1) * (1 - alpha) - 1e-9);
  if (rank > sorted.length || rank < 1) {
    return notMeasured(
      'ENG_INSUFFICIENT_SAMPLES',
      `a threshold at level ${alpha} needs at least ${Math.ceil(1 / alpha - 1e-9) - 1} controls, got ${sorted.length}`,
    );
  }
  return { status: 'measured', threshold: sorted[rank - 1]!, rank };
}

function sortedControls(controlScores: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(controlScores);
  const faulty = sorted.findIndex(Number.isNaN);
  if (faulty >= 0) throw notOrdered(faulty);
  return sorted.sort();
}

function notOrdered(row: number): EngramError {
  return new EngramError('ENG_VALUES_NOT_FINITE', `expected a score for every sample, got NaN first in row ${row}`);
}

function countBelow(sorted: Float64Array, score: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < score) low = middle + 1;
    else high = middle;
  }
  return low;
}
