import type { BlindFeatures } from './blind-features.js';

/** Per fold and column, sums over the rows of a kind: what linear and naive Bayes fits need of the labels. */
export interface FoldSums {
  /** (folds) rows. */
  readonly counts: Float64Array;
  /** (folds, columns) sums of values. */
  readonly first: Float64Array;
  /** (folds, columns) sums of squared values. */
  readonly second: Float64Array;
}

/** Sums over all rows, or over the members only when labels are given. */
export function foldSums(features: BlindFeatures, membership?: ArrayLike<number>): FoldSums {
  const { rows, columns, values, foldOf, folds } = features;
  const counts = new Float64Array(folds);
  const first = new Float64Array(folds * columns);
  const second = new Float64Array(folds * columns);
  for (let i = 0; i < rows; i += 1) {
    if (membership !== undefined && membership[i] !== 1) continue;
    const fold = foldOf[i]!;
    counts[fold]! += 1;
    const at = fold * columns;
    const row = i * columns;
    for (let j = 0; j < columns; j += 1) {
      const value = values[row + j]!;
      first[at + j]! += value;
      second[at + j]! += value * value;
    }
  }
  return { counts, first, second };
}

/** One column's count, sum and sum of squares over every fold but one, by taking that fold from the totals. */
export interface TrainingSums {
  readonly count: number;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

export function trainingSums(sums: FoldSums, heldOut: number, columns: number): TrainingSums {
  let count = 0;
  const first = new Float64Array(columns);
  const second = new Float64Array(columns);
  for (let fold = 0; fold < sums.counts.length; fold += 1) {
    if (fold === heldOut) continue;
    count += sums.counts[fold]!;
    for (let j = 0; j < columns; j += 1) {
      first[j]! += sums.first[fold * columns + j]!;
      second[j]! += sums.second[fold * columns + j]!;
    }
  }
  return { count, first, second };
}
