import { EngramError } from '@engram/domain';
import { logBinomial } from '../special/gamma.js';

export interface KsTest {
  /** Largest distance between the two distribution functions, in [0, 1]. */
  readonly statistic: number;
  /** Two-sided, against "one distribution". */
  readonly pValue: number;
  /** Natural logarithm of the p-value, finite where the p-value underflows. */
  readonly logPValue: number;
  readonly method: 'exact' | 'asymptotic';
}

// The exact p-value visits every cell of an n by m grid: some 20 ms at this size.
const largestExactGrid = 4_000_000;

/**
 * Two-sample Kolmogorov-Smirnov test.
 *
 * Exact while n m <= 4,000,000, by following the chance of every path through the grid of sample counts until it first
 * reaches the observed distance: only positive terms are added, so the smallest p-values keep their digits (two
 * disjoint samples of n give exactly 2 / C(2n, n)). Beyond, the limiting distribution with Stephens' correction. With
 * ties across samples the p-value errs towards 1.
 *
 * @param a (n) without NaN, at least one value.
 * @param b (m) without NaN, at least one value.
 * @returns statistic and p-value.
 * @throws ENG_INSUFFICIENT_SAMPLES a sample is empty. ENG_VALUES_NOT_FINITE a value is NaN.
 * @see Hodges 1958, "The significance probability of the Smirnov two-sample test".
 */
export function ksTwoSample(a: ArrayLike<number>, b: ArrayLike<number>): KsTest {
  const first = sortedSample(a);
  const second = sortedSample(b);
  const n = first.length;
  const m = second.length;
  const distance = largestDistance(first, second);
  const statistic = distance / (n * m);
  if (statistic === 1) {
    const logPValue = Math.LN2 - logBinomial(n + m, n);
    return { statistic, pValue: Math.exp(logPValue), logPValue, method: 'exact' };
  }
  if (n * m <= largestExactGrid) {
    const pValue = Math.min(1, chanceOfReaching(distance, n, m));
    return { statistic, pValue, logPValue: Math.log(pValue), method: 'exact' };
  }
  const root = Math.sqrt((n / (n + m)) * m);
  return { statistic, ...asymptoticP((root + 0.12 + 0.11 / root) * statistic), method: 'asymptotic' };
}

/**
 * Upper tail of the Kolmogorov distribution: 2 sum_k (-1)^(k-1) exp(-2 k^2 x^2).
 *
 * @param x at least 0: the distance times the root of the (effective) sample size.
 * @returns probability in [0, 1].
 */
export function kolmogorovSf(x: number): number {
  if (!(x > 0)) return 1;
  let sum = 0;
  if (x < 1) {
    // The same function through Jacobi's theta identity, which converges where the series above does not.
    for (let k = 1; k < 20; k += 2) sum += Math.exp((-k * k * Math.PI * Math.PI) / (8 * x * x));
    return Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / x) * sum);
  }
  for (let k = 1; k < 20; k += 1) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, sum);
}

/**
 * One-sample Kolmogorov-Smirnov test against a fully stated distribution, with Stephens' small-sample correction: its
 * p-value is within a few per cent from n = 10 on.
 *
 * @param values (n) without NaN, at least one.
 * @param cdf the stated distribution function.
 * @returns statistic and p-value.
 * @throws ENG_INSUFFICIENT_SAMPLES no values. ENG_VALUES_NOT_FINITE a value is NaN.
 * @see Stephens 1970, "Use of the Kolmogorov-Smirnov, Cramer-von Mises and related statistics without extensive tables".
 */
export function ksOneSample(values: ArrayLike<number>, cdf: (x: number) => number): KsTest {
  const sorted = sortedSample(values);
  const n = sorted.length;
  let statistic = 0;
  sorted.forEach((value, i) => {
    const level = cdf(value);
    statistic = Math.max(statistic, (i + 1) / n - level, level - i / n);
  });
  const root = Math.sqrt(n);
  return { statistic, ...asymptoticP((root + 0.12 + 0.11 / root) * statistic), method: 'asymptotic' };
}

function asymptoticP(x: number): { pValue: number; logPValue: number } {
  const pValue = kolmogorovSf(x);
  return { pValue, logPValue: pValue > 1e-300 ? Math.log(pValue) : Math.LN2 - 2 * x * x };
}

function sortedSample(values: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(values);
  if (sorted.length === 0) throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected values to compare, got none');
  const faulty = sorted.findIndex(Number.isNaN);
  if (faulty >= 0) throw new EngramError('ENG_VALUES_NOT_FINITE', `expected ordered values, got NaN in row ${faulty}`);
  return sorted.sort();
}

/** Largest |F - G| times n m, a whole number, so no rounding decides whether a path reaches it. */
function largestDistance(a: Float64Array, b: Float64Array): number {
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i] === value) i += 1;
    while (j < b.length && b[j] === value) j += 1;
    largest = Math.max(largest, Math.abs(i * b.length - j * a.length));
  }
  return largest;
}

/**
 * Chance that a random order of n and m values leads through a point with |i m - j n| >= distance. The chance of being
 * at (i, j) without having reached it flows on by the share of values left; what arrives outside is summed.
 */
function chanceOfReaching(distance: number, n: number, m: number): number {
  const inside = new Float64Array(m + 1);
  let reached = 0;
  for (let i = 0; i <= n; i += 1) {
    for (let j = 0; j <= m; j += 1) {
      const left = n + m - i - j + 1;
      let chance = i === 0 && j === 0 ? 1 : 0;
      if (i > 0) chance += (inside[j]! * (n - i + 1)) / left;
      if (j > 0) chance += (inside[j - 1]! * (m - j + 1)) / left;
      if (Math.abs(i * m - j * n) >= distance) {
        reached += chance;
        chance = 0;
      }
      inside[j] = chance;
    }
  }
  return reached;
}
