import { EngramError, type Measured, notMeasured } from '@engram/domain';
import { createRandom, normalCdf, normalQuantile, quantileOfSorted } from '@engram/numeric';

export interface BootstrapOptions {
  /** Number of rows the statistic reads, numbered from 0. */
  readonly units: number;
  /**
   * The number of interest, from row numbers drawn with replacement; all rows once give the estimate itself. NaN marks
   * a draw on which it is undefined.
   */
  readonly statistic: (rows: Int32Array) => number;
  /** (units) equal labels are resampled among themselves, so the count of each stays fixed. */
  readonly strata?: ArrayLike<number | string>;
  /** (units) equal labels are drawn together: the unit of dependence (document, user, duplicate cluster). */
  readonly clusters?: ArrayLike<number | string>;
  readonly draws?: number;
  readonly seed: number;
  readonly confidence?: number;
  /** `percentile`, or `bca`: corrected for bias and skewness at the cost of one evaluation per unit or cluster. */
  readonly method?: 'percentile' | 'bca';
}

/**
 * A statistic with its bootstrap interval: rows, or whole clusters of rows, are drawn with replacement within strata.
 *
 * @param options see each field; `draws` 2000, `confidence` 0.95, `method` percentile.
 * @returns the statistic on all rows, its interval, and n = rows. Not measured with ENG_INSUFFICIENT_SAMPLES when the
 *   statistic is undefined on all rows or on more than half of the draws, or there are fewer than two things to draw.
 * @throws ENG_SHAPE_MISMATCH strata or clusters differ in length from the rows, or a cluster spans two strata.
 * @see Efron 1987, "Better Bootstrap Confidence Intervals".
 */
export function bootstrapInterval(options: BootstrapOptions): Measured {
  const { units, statistic, draws = 2000, confidence = 0.95, method = 'percentile' } = options;
  const strata = groupUnits(options);
  const things = strata.reduce((sum, groups) => sum + groups.length, 0);
  if (things < 2) return notMeasured('ENG_INSUFFICIENT_SAMPLES', `needs at least two units to resample, got ${things}`);
  const value = statistic(Int32Array.from({ length: units }, (_, i) => i));
  const random = createRandom(options.seed);
  const drawn = new Float64Array(draws);
  let defined = 0;
  for (let draw = 0; draw < draws; draw += 1) {
    const picked: Int32Array[] = [];
    for (const groups of strata)
      for (let i = 0; i < groups.length; i += 1) picked.push(groups[random.integer(groups.length)]!);
    const replicate = statistic(joinRows(picked));
    if (!Number.isNaN(replicate)) drawn[defined++] = replicate;
  }
  if (Number.isNaN(value) || defined * 2 < draws) {
    return notMeasured(
      'ENG_INSUFFICIENT_SAMPLES',
      `the statistic is undefined on ${draws - defined} of ${draws} draws`,
    );
  }
  const sorted = drawn.subarray(0, defined).sort();
  const tail = (1 - confidence) / 2;
  const ends = method === 'bca' ? bcaLevels(sorted, value, strata, statistic, tail) : [tail, 1 - tail];
  return {
    status: 'measured',
    value,
    low: Math.min(value, quantileOfSorted(sorted, ends[0]!)),
    high: Math.max(value, quantileOfSorted(sorted, ends[1]!)),
    confidence,
    n: units,
    method: 'bootstrap',
  };
}

/** Rows grouped into what is drawn together, within strata. */
function groupUnits(options: BootstrapOptions): Int32Array[][] {
  const { units, strata, clusters } = options;
  for (const labels of [strata, clusters]) {
    if (labels !== undefined && labels.length !== units) {
      throw new EngramError('ENG_SHAPE_MISMATCH', `expected ${units} stratum and cluster labels, got ${labels.length}`);
    }
  }
  const stratumOfCluster = new Map<number | string, number | string>();
  const groups = new Map<number | string, Map<number | string, number[]>>();
  for (let i = 0; i < units; i += 1) {
    const stratum = strata?.[i] ?? 0;
    const cluster = clusters?.[i] ?? i;
    if ((stratumOfCluster.get(cluster) ?? stratum) !== stratum) {
      throw new EngramError('ENG_SHAPE_MISMATCH', 'expected every cluster within one stratum, got one that spans two');
    }
    stratumOfCluster.set(cluster, stratum);
    const within = groups.get(stratum) ?? new Map<number | string, number[]>();
    groups.set(stratum, within);
    const rows = within.get(cluster) ?? [];
    within.set(cluster, rows);
    rows.push(i);
  }
  return [...groups.values()].map((within) => [...within.values()].map((rows) => Int32Array.from(rows)));
}

function joinRows(groups: readonly Int32Array[]): Int32Array {
  let total = 0;
  for (const group of groups) total += group.length;
  const rows = new Int32Array(total);
  let at = 0;
  for (const group of groups) {
    // Most groups are of one row, for which `set` takes many times as long.
    for (let i = 0; i < group.length; i += 1) rows[at + i] = group[i]!;
    at += group.length;
  }
  return rows;
}

function bcaLevels(
  sorted: Float64Array,
  value: number,
  strata: readonly Int32Array[][],
  statistic: (rows: Int32Array) => number,
  tail: number,
): [number, number] {
  let below = 0;
  for (const replicate of sorted) below += replicate < value ? 1 : replicate === value ? 0.5 : 0;
  // Kept off 0 and 1, where the correction would be infinite.
  const share = Math.min(1 - 0.5 / sorted.length, Math.max(0.5 / sorted.length, below / sorted.length));
  const bias = normalQuantile(share);
  const skew = acceleration(strata, statistic);
  const level = (p: number) => {
    const z = bias + normalQuantile(p);
    return normalCdf(bias + z / (1 - skew * z));
  };
  return [level(tail), level(1 - tail)];
}

/** Skewness of the influence values by leaving out one unit at a time, each stratum weighed by its own size. */
function acceleration(strata: readonly Int32Array[][], statistic: (rows: Int32Array) => number): number {
  let cubes = 0;
  let squares = 0;
  for (const groups of strata) {
    if (groups.length < 2) continue;
    const others = strata.filter((stratum) => stratum !== groups).flat();
    const left = groups.map((_, out) => statistic(joinRows([...groups.filter((_, i) => i !== out), ...others])));
    const centre = left.reduce((sum, replicate) => sum + replicate, 0) / left.length;
    for (const replicate of left) {
      const influence = ((groups.length - 1) * (centre - replicate)) / groups.length;
      cubes += influence ** 3;
      squares += influence ** 2;
    }
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
}
