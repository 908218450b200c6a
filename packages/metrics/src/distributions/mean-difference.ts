import { type Measured, notMeasured } from '@engram/domain';
import { mean, standardDeviation, studentQuantile } from '@engram/numeric';

/**
 * Difference of two means with Welch's interval: the two spreads need not be equal.
 *
 * @param first (n1) finite.
 * @param second (n2) finite, independent of the first.
 * @param confidence two-sided, a fraction.
 * @returns mean of `first` less mean of `second`, n being all values. Not measured with ENG_INSUFFICIENT_SAMPLES below two
 *   values in either, or when neither varies.
 * @see Welch 1947, "The Generalization of 'Student's' Problem when Several Different Population Variances are Involved".
 */
export function meanDifference(first: ArrayLike<number>, second: ArrayLike<number>, confidence = 0.95): Measured {
  const [n1, n2] = [first.length, second.length];
  if (n1 < 2 || n2 < 2)
    return notMeasured(
      'ENG_INSUFFICIENT_SAMPLES',
      `a difference of means needs two values a side, got ${n1} and ${n2}`,
    );
  const a = standardDeviation(first) ** 2 / n1;
  const b = standardDeviation(second) ** 2 / n2;
  if (a + b === 0)
    return notMeasured('ENG_INSUFFICIENT_SAMPLES', 'neither side varies, so the difference has no interval');
  const freedom = (a + b) ** 2 / (a ** 2 / (n1 - 1) + b ** 2 / (n2 - 1));
  const value = mean(first) - mean(second);
  const half = studentQuantile((1 + confidence) / 2, freedom) * Math.sqrt(a + b);
  return { status: 'measured', value, low: value - half, high: value + half, confidence, n: n1 + n2, method: 'normal' };
}
