import { EngramError, type Measured, notMeasured } from '@engram/domain';
import { incompleteBetaInverse } from '@engram/numeric';

/**
 * A rate with the exact two-sided Clopper-Pearson interval: its coverage is never below the confidence.
 *
 * @param count successes, a whole number in [0, n].
 * @param n independent trials.
 * @param confidence two-sided, a fraction.
 * @returns count / n and its interval; not measured for no trials.
 * @throws ENG_SHAPE_MISMATCH count is not in [0, n].
 * @see Clopper and Pearson 1934.
 */
export function clopperPearson(count: number, n: number, confidence = 0.95): Measured {
  checkCount(count, n);
  if (n === 0) return notMeasured('ENG_INSUFFICIENT_SAMPLES', 'no trials to take a rate of');
  const tail = (1 + confidence) / 2;
  return {
    status: 'measured',
    value: count / n,
    low: clopperPearsonOneSided(count, n, 'lower', tail),
    high: clopperPearsonOneSided(count, n, 'upper', tail),
    confidence,
    n,
    method: 'clopperPearson',
  };
}

/**
 * One end of the exact Clopper-Pearson bound on a rate.
 *
 * @param count successes, a whole number in [0, n].
 * @param n independent trials, at least 1.
 * @param side `upper`: the rate is at most the result; `lower`: at least.
 * @param confidence one-sided, a fraction.
 * @returns fraction in [0, 1].
 * @throws ENG_SHAPE_MISMATCH count is not in [0, n].
 */
export function clopperPearsonOneSided(count: number, n: number, side: 'lower' | 'upper', confidence = 0.95): number {
  checkCount(count, n);
  if (side === 'upper') return count === n ? 1 : incompleteBetaInverse(count + 1, n - count, confidence);
  return count === 0 ? 0 : incompleteBetaInverse(count, n - count + 1, 1 - confidence);
}

export function checkCount(count: number, n: number): void {
  if (!(Number.isInteger(count) && Number.isInteger(n) && count >= 0 && count <= n)) {
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected a whole count in 0..n, got ${count} of ${n}`);
  }
}
