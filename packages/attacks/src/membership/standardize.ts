import type { NdArray } from '@engram/domain';

/** Mean and standard deviation of each column; what they were taken from is what later rows are measured by. */
export interface ColumnScales {
  readonly means: Float64Array;
  /** 1 for a column of one value, which then stays 0. */
  readonly deviations: Float64Array;
}

/**
 * @param rows (n, p) finite, n at least 1.
 * @returns (p) each.
 */
export function columnScales({ data, shape }: NdArray): ColumnScales {
  const [n, p] = shape;
  const means = new Float64Array(p);
  const deviations = new Float64Array(p);
  for (let at = 0; at < n * p; at += 1) means[at % p] += data[at] / n;
  for (let at = 0; at < n * p; at += 1) deviations[at % p] += (data[at] - means[at % p]) ** 2 / n;
  // A column of one value leaves a rounding error of its mean, not a spread.
  const spread = (squares: number, j: number) =>
    Math.sqrt(squares) > 1e-12 * (1 + Math.abs(means[j])) ? Math.sqrt(squares) : 1;
  return { means, deviations: deviations.map(spread) };
}

/** Rows less the means, over the deviations. */
export function standardize({ data, shape }: NdArray, { means, deviations }: ColumnScales): NdArray<Float64Array> {
  const p = shape[1];
  return { data: Float64Array.from(data, (value, at) => (value - means[at % p]) / deviations[at % p]), shape };
}
