import type { NdArray } from '@engram/domain';

/**
 * Minus the gradient of the loss at the population minimiser along the way training went: whether it went where it helps
 * the sample.
 *
 * @param statistics (3, n) as `linearStatistics` gives them.
 * @returns (n) e u = (e^2 - r^2 + u^2) / 2; higher = more member-like.
 */
export function scoreStatistic({ data, shape }: NdArray<Float64Array>): Float64Array {
  const n = shape[1]!;
  return Float64Array.from({ length: n }, (_, i) => data[i]! * data[2 * n + i]!);
}

/**
 * Minus the gradient of the loss at the trained weights along the same way.
 *
 * @param statistics (3, n) as `linearStatistics` gives them.
 * @returns (n) (e - u) u = r u; higher = more member-like.
 */
export function gradientStatistic({ data, shape }: NdArray<Float64Array>): Float64Array {
  const n = shape[1]!;
  return Float64Array.from({ length: n }, (_, i) => data[n + i]! * data[2 * n + i]!);
}
