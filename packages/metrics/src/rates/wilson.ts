import { type Measured, notMeasured } from '@engram/domain';
import { normalQuantile } from '@engram/numeric';
import { checkCount } from './clopper-pearson.js';

/**
 * A rate with the Wilson score interval: shorter than Clopper-Pearson, right on average rather than always.
 *
 * @param count successes, a whole number in [0, n].
 * @param n independent trials.
 * @param confidence two-sided, a fraction.
 * @returns count / n and its interval; not measured for no trials.
 * @throws ENG_SHAPE_MISMATCH count is not in [0, n].
 * @see Wilson 1927.
 */
export function wilson(count: number, n: number, confidence = 0.95): Measured {
  checkCount(count, n);
  if (n === 0) return notMeasured('ENG_INSUFFICIENT_SAMPLES', 'no trials to take a rate of');
  const z = normalQuantile((1 + confidence) / 2);
  const rate = count / n;
  const centre = rate + (z * z) / (2 * n);
  const half = z * Math.sqrt((rate * (1 - rate)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return {
    status: 'measured',
    value: rate,
    low: count === 0 ? 0 : (centre - half) / scale,
    high: count === n ? 1 : (centre + half) / scale,
    confidence,
    n,
    method: 'wilson',
  };
}

/**
 * Difference of two independent rates with Newcombe's interval, built from the two Wilson intervals.
 *
 * @param first successes and trials of the rate subtracted from.
 * @param second successes and trials of the rate subtracted.
 * @param confidence two-sided, a fraction.
 * @returns first rate less second, in [-1, 1], n being all trials; not measured when either has no trials.
 * @throws ENG_SHAPE_MISMATCH a count is not in [0, n].
 * @see Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10.
 */
export function newcombeDifference(
  first: { readonly count: number; readonly n: number },
  second: { readonly count: number; readonly n: number },
  confidence = 0.95,
): Measured {
  const a = wilson(first.count, first.n, confidence);
  const b = wilson(second.count, second.n, confidence);
  if (a.status === 'notMeasured') return a;
  if (b.status === 'notMeasured') return b;
  const value = a.value - b.value;
  return {
    status: 'measured',
    value,
    low: value - Math.hypot(a.value - a.low, b.high - b.value),
    high: value + Math.hypot(a.high - a.value, b.value - b.low),
    confidence,
    n: first.n + second.n,
    method: 'wilson',
  };
}
