import { type Measured, notMeasured } from '@engram/domain';
import { mean, standardDeviation, studentQuantile } from '@engram/numeric';

/**
 * A mean with Student's t interval: right for few samples too, and without the thousands of draws of a bootstrap.
 *
 * @param values (n) finite.
 * @param confidence two-sided, a fraction.
 * @returns not measured with ENG_INSUFFICIENT_SAMPLES below two values.
 */
export function meanInterval(values: ArrayLike<number>, confidence: number): Measured {
  const n = values.length;
  if (n < 2) return notMeasured('ENG_INSUFFICIENT_SAMPLES', `a mean with its interval needs two samples, got ${n}`);
  const value = mean(values);
  const half = (studentQuantile((1 + confidence) / 2, n - 1) * standardDeviation(values)) / Math.sqrt(n);
  return { status: 'measured', value, low: value - half, high: value + half, confidence, n, method: 'normal' };
}
