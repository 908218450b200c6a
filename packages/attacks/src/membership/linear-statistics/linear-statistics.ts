import { EngramError, type NdArray } from '@engram/domain';
import { ridge } from '@engram/numeric';

/** Population rows for every weight, so that the minimiser is known much better than the target knows it. */
export const populationRowsPerWeight = 10;
/** Normal equations of more weights take minutes. */
export const mostLinearWeights = 1000;
/** Of the mean square of the columns: keeps columns that are combinations of others solvable, and moves nothing else. */
const relativePenalty = 1e-10;

/** Rows of a linear regression: a column of ones stands for its bias. */
export interface LinearDesign {
  /** (n, p) */
  readonly features: NdArray;
  /** (n) */
  readonly targets: ArrayLike<number>;
}

/**
 * The weights that predict best in the population, estimated by least squares.
 *
 * @param population (nZ, p) rows that no member is among; nZ at least ten times p.
 * @returns (p)
 * @throws ENG_INSUFFICIENT_SAMPLES fewer rows. ENG_SHAPE_MISMATCH. ENG_VALUES_NOT_FINITE.
 */
export function populationMinimiser({ features, targets }: LinearDesign): Float64Array {
  const [rows = 0, weights = 0] = features.shape;
  const needed = populationRowsPerWeight * weights;
  if (rows < needed)
    throw new EngramError(
      'ENG_INSUFFICIENT_SAMPLES',
      `expected at least ${needed} population rows for ${weights} weights, got ${rows}`,
      { remedy: 'Give more population rows, or ask for the loss statistic, which needs none.' },
    );
  let squares = 0;
  for (let i = 0; i < features.data.length; i += 1) squares += features.data[i]! ** 2;
  return ridge(features, targets, (relativePenalty * squares) / weights);
}

/**
 * What a linear regression shows of each sample, given the population minimiser w*: e = y - x w*, the residual
 * r = y - x w of the trained weights w, and u = x (w - w*), by which training moved the prediction.
 *
 * @param samples (n, p)
 * @param trained (p) w, minimiser (p) w*.
 * @returns (3, n) rows e, r, u, with r = e - u.
 * @throws ENG_SHAPE_MISMATCH.
 */
export function linearStatistics(
  { features, targets }: LinearDesign,
  trained: ArrayLike<number>,
  minimiser: ArrayLike<number>,
): NdArray<Float64Array> {
  const [n = 0, p = 0] = features.shape;
  if (features.data.length !== n * p || targets.length !== n || trained.length !== p || minimiser.length !== p)
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected n targets and twice p weights for rows (n, p) = (${features.shape.join(', ')}), got ${targets.length}, ${trained.length} and ${minimiser.length}`,
    );
  const data = new Float64Array(3 * n);
  for (let i = 0; i < n; i += 1) {
    let best = 0;
    let moved = 0;
    for (let k = 0; k < p; k += 1) {
      const x = features.data[i * p + k]!;
      best += x * minimiser[k]!;
      moved += x * (trained[k]! - minimiser[k]!);
    }
    const error = targets[i]! - best;
    data[i] = error;
    data[n + i] = error - moved;
    data[2 * n + i] = moved;
  }
  return { data, shape: [3, n] };
}
