import { EngramError } from '@engram/domain';
import { normalCdf, ranks } from '@engram/numeric';

export interface MannWhitney {
  /** Pairs in which the first sample's value is larger, ties half. */
  readonly u: number;
  /** u / (n m): the AUC of the first sample against the second. */
  readonly auc: number;
  readonly pValueTwoSided: number;
  /** Against "the first is not larger": small = the first is larger. */
  readonly pValueGreater: number;
  readonly method: 'exact' | 'normal';
}

// Beyond this the normal approximation is within rounding of what anyone reports.
const largestExactSide = 25;

/**
 * Mann-Whitney test of whether one sample tends to be larger. Exact for up to 25 values a side without ties; otherwise
 * normal with tie and continuity corrections.
 *
 * @param a (n) without NaN, at least one value.
 * @param b (m) without NaN, at least one value.
 * @returns statistic and p-values.
 * @throws ENG_INSUFFICIENT_SAMPLES a sample is empty. ENG_VALUES_NOT_FINITE a value is NaN.
 * @see Mann and Whitney 1947.
 */
export function mannWhitney(a: ArrayLike<number>, b: ArrayLike<number>): MannWhitney {
  const n = a.length;
  const m = b.length;
  if (n === 0 || m === 0) {
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', `expected two samples, got ${n} and ${m} values`);
  }
  const pooled = new Float64Array(n + m);
  pooled.set(Float64Array.from(a));
  pooled.set(Float64Array.from(b), n);
  const pooledRanks = ranks(pooled);
  let rankSum = 0;
  for (let i = 0; i < n; i += 1) rankSum += pooledRanks[i]!;
  const u = rankSum - (n * (n + 1)) / 2;
  const shared = { u, auc: u / (n * m) };
  const ties = tieTerm(pooled);
  if (ties === 0 && n <= largestExactSide && m <= largestExactSide) {
    const atLeast = exactUpperTail(u, n, m);
    const atMost = exactUpperTail(n * m - u, n, m);
    return {
      ...shared,
      pValueTwoSided: Math.min(1, 2 * Math.min(atLeast, atMost)),
      pValueGreater: atLeast,
      method: 'exact',
    };
  }
  const total = n + m;
  const spread = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  if (spread === 0) return { ...shared, pValueTwoSided: 1, pValueGreater: 1, method: 'normal' };
  const excess = u - (n * m) / 2;
  return {
    ...shared,
    pValueTwoSided: Math.min(1, 2 * normalCdf(-(Math.abs(excess) - 0.5) / spread)),
    pValueGreater: normalCdf(-(excess - 0.5) / spread),
    method: 'normal',
  };
}

function tieTerm(values: Float64Array): number {
  const sorted = values.slice().sort();
  let term = 0;
  let start = 0;
  for (let i = 1; i <= sorted.length; i += 1) {
    if (i < sorted.length && sorted[i] === sorted[start]) continue;
    const size = i - start;
    term += size ** 3 - size;
    start = i;
  }
  return term;
}

/** P(U >= u) when every order is equally likely, by the recursion on which sample holds the largest value. */
function exactUpperTail(u: number, n: number, m: number): number {
  let rows: Float64Array[] = Array.from({ length: m + 1 }, () => Float64Array.of(1));
  for (let i = 1; i <= n; i += 1) {
    const next: Float64Array[] = [Float64Array.of(1)];
    for (let j = 1; j <= m; j += 1) {
      const chance = new Float64Array(i * j + 1);
      // The largest value is the first sample's with chance i / (i + j), and then beats all j of the second.
      rows[j]!.forEach((p, k) => {
        chance[k + j]! += (p * i) / (i + j);
      });
      next[j - 1]!.forEach((p, k) => {
        chance[k]! += (p * j) / (i + j);
      });
      next.push(chance);
    }
    rows = next;
  }
  let tail = 0;
  const distribution = rows[m]!;
  for (let k = distribution.length - 1; k >= u; k -= 1) tail += distribution[k]!;
  return Math.min(1, tail);
}
