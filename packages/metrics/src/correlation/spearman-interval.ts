import { EngramError, type Measured, notMeasured } from '@engram/domain';
import { normalQuantile, pearson, spearman } from '@engram/numeric';
import { bootstrapInterval } from '../resampling/bootstrap.js';
import { resampledRanks } from './resampled-ranks.js';

export interface SpearmanOptions {
  /** `bootstrap`: percentile interval over resampled pairs. `fisherZ`: normal on atanh scale, quick for large n. */
  readonly method?: 'bootstrap' | 'fisherZ';
  readonly seed: number;
  readonly draws?: number;
  readonly confidence?: number;
}

/**
 * Spearman's rank correlation with an interval.
 *
 * @param a (n) without NaN.
 * @param b (n) without NaN, the same samples.
 * @param options `method` bootstrap, `draws` 1000, `confidence` 0.95.
 * @returns in [-1, 1]; not measured with ENG_INSUFFICIENT_SAMPLES below four samples or when either is constant.
 * @throws ENG_SHAPE_MISMATCH lengths differ. ENG_VALUES_NOT_FINITE a value is NaN.
 * @see Bonett and Wright 2000, "Sample size requirements for estimating Pearson, Kendall and Spearman correlations",
 *   for the standard error sqrt((1 + rho^2 / 2) / (n - 3)) on the Fisher scale.
 */
export function spearmanWithInterval(a: ArrayLike<number>, b: ArrayLike<number>, options: SpearmanOptions): Measured {
  const { method = 'bootstrap', confidence = 0.95 } = options;
  const n = a.length;
  if (n !== b.length) {
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected two arrays of one length, got ${n} and ${b.length}`);
  }
  const value = spearman(a, b);
  if (n < 4 || Number.isNaN(value)) {
    const reason = n < 4 ? `needs at least four samples, got ${n}` : 'all values of one array are equal';
    return notMeasured('ENG_INSUFFICIENT_SAMPLES', reason);
  }
  if (method === 'bootstrap') {
    const [ranksOfA, ranksOfB] = [resampledRanks(a), resampledRanks(b)];
    return bootstrapInterval({
      units: n,
      statistic: (rows) => pearson(ranksOfA(rows), ranksOfB(rows)),
      draws: options.draws ?? 1000,
      seed: options.seed,
      confidence,
    });
  }
  const half = normalQuantile((1 + confidence) / 2) * Math.sqrt((1 + (value * value) / 2) / (n - 3));
  const z = Math.atanh(value);
  return {
    status: 'measured',
    value,
    low: Math.tanh(z - half),
    high: Math.tanh(z + half),
    confidence,
    n,
    method: 'fisherZ',
  };
}
