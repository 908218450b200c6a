import { argsort, quantile } from '@engram/numeric';

/** One bin of samples of like difficulty. */
export interface DifficultyBin {
  /** 0 = easiest. */
  readonly bin: number;
  readonly count: number;
  readonly median: number;
  /** 10th and 90th percentile. */
  readonly low: number;
  readonly high: number;
}

/**
 * Bins of equal size by rank, easiest first: quintiles by default. Ties are split by row, so that sizes stay equal.
 *
 * @param difficulty (n) finite.
 * @returns (n) bin of each sample, 0 to count - 1.
 */
export function rankBins(difficulty: Float64Array, count = 5): Uint8Array {
  const bins = new Uint8Array(difficulty.length);
  argsort(difficulty).forEach((row, rank) => {
    bins[row] = Math.floor((rank * count) / difficulty.length);
  });
  return bins;
}

/** What the samples of each bin are like. Bins without samples are left out. */
export function describeBins(difficulty: Float64Array, bins: Uint8Array): DifficultyBin[] {
  const count = bins.reduce((most, bin) => Math.max(most, bin + 1), 0);
  return Array.from({ length: count }, (_, bin) => {
    const values = difficulty.filter((_value, i) => bins[i] === bin);
    return {
      bin,
      count: values.length,
      median: quantile(values, 0.5),
      low: quantile(values, 0.1),
      high: quantile(values, 0.9),
    };
  }).filter((described) => described.count > 0);
}
