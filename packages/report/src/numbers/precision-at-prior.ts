import type { Measured } from '@engram/domain';

/** Shares of members among the records an attacker tries, at which precision is told. */
export const priors = [0.5, 0.1, 0.01] as const;

export interface PrecisionRange {
  readonly value: number;
  /** Worst case: the lowest true and the highest false positive rate of the two intervals. */
  readonly low: number;
  readonly high: number;
}

/**
 * Precision of an attack's accusations, π·TPR / (π·TPR + (1 − π)·FPR): of the records it accuses, the share that truly
 * are members when a share π of those it tries are.
 *
 * @param prior π, a fraction in (0, 1).
 * @returns a range that takes both intervals at their ends, so wider than either; null when either rate was not
 *   measured or the attack accuses nobody.
 */
export function precisionAtPrior(tpr: Measured, fpr: Measured, prior: number): PrecisionRange | null {
  if (tpr.status === 'notMeasured' || fpr.status === 'notMeasured') return null;
  const precision = (found: number, accused: number) => {
    const right = prior * found;
    const wrong = (1 - prior) * accused;
    return right + wrong === 0 ? null : right / (right + wrong);
  };
  const value = precision(tpr.value, fpr.value);
  if (value === null) return null;
  return {
    value,
    low: precision(tpr.low, fpr.high) ?? 0,
    high: precision(tpr.high, fpr.low) ?? 1,
  };
}
