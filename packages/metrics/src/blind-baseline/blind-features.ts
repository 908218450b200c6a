import { EngramError, type NdArray } from '@engram/domain';
import { createRandom, nonFiniteValues, quantileOfSorted } from '@engram/numeric';

/** A feature matrix ready for cross-fitting: columns on one scale, bin codes for trees, rows dealt into folds. */
export interface BlindFeatures {
  readonly rows: number;
  readonly columns: number;
  /** (rows, columns) standardised over all rows; a constant column is 0. */
  readonly values: Float64Array;
  /** (columns, rows) which of at most 32 quantile bins each value falls into. */
  readonly bins: Uint8Array;
  /** (rows) 0..folds-1; each fold has its share of either side. */
  readonly foldOf: Uint8Array;
  readonly folds: number;
}

export const mostBins = 32;

/**
 * Checks and prepares a feature matrix. The scale and the bins are taken over all rows, which involves no label;
 * whatever reads labels is fitted on training folds only.
 *
 * @param features (n, p) finite.
 * @param membership (n) 1 = member, 0 = non-member.
 * @param folds number of folds.
 * @param seed of the deal into folds.
 * @throws ENG_SHAPE_MISMATCH. ENG_VALUES_NOT_FINITE with count and first row.
 */
export function prepareFeatures(
  features: NdArray,
  membership: ArrayLike<number>,
  folds: number,
  seed: number,
): BlindFeatures {
  const [rows = 0, columns = 0] = features.shape;
  if (features.shape.length !== 2 || features.data.length !== rows * columns || membership.length !== rows) {
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected features (n, p) and n membership labels, got (${features.shape.join(', ')}) and ${membership.length}`,
    );
  }
  checkFinite(features.data, columns);
  const values = new Float64Array(rows * columns);
  const bins = new Uint8Array(rows * columns);
  const column = new Float64Array(rows);
  for (let j = 0; j < columns; j += 1) {
    for (let i = 0; i < rows; i += 1) column[i] = features.data[i * columns + j]!;
    writeBins(column, bins.subarray(j * rows, (j + 1) * rows));
    standardise(column);
    for (let i = 0; i < rows; i += 1) values[i * columns + j] = column[i]!;
  }
  return { rows, columns, values, bins, foldOf: dealFolds(membership, folds, seed), folds };
}

function checkFinite(data: ArrayLike<number>, columns: number): void {
  const faulty = nonFiniteValues(data);
  if (faulty === null) return;
  const firstRow = Math.floor(faulty.first / columns);
  throw new EngramError(
    'ENG_VALUES_NOT_FINITE',
    `expected finite features, got ${faulty.count} NaN or infinite values, first in row ${firstRow}`,
    { details: { count: faulty.count, firstRow } },
  );
}

function standardise(column: Float64Array): void {
  const n = column.length;
  let sum = 0;
  for (const value of column) sum += value / n;
  let squares = 0;
  for (const value of column) squares += (value - sum) ** 2 / n;
  const scale = Math.sqrt(squares);
  // A spread that is rounding of the mean is a constant column.
  const flat = !(scale > 1e-12 * Math.abs(sum));
  for (let i = 0; i < n; i += 1) column[i] = flat ? 0 : (column[i]! - sum) / scale;
}

function writeBins(column: Float64Array, codes: Uint8Array): void {
  const sorted = column.slice().sort();
  const edges: number[] = [];
  for (let k = 1; k < mostBins; k += 1) {
    const edge = quantileOfSorted(sorted, k / mostBins);
    if (edge !== edges.at(-1) && edge > sorted[0]!) edges.push(edge);
  }
  for (let i = 0; i < column.length; i += 1) {
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (edges[middle]! <= column[i]!) low = middle + 1;
      else high = middle;
    }
    codes[i] = low;
  }
}

function dealFolds(membership: ArrayLike<number>, folds: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  const foldOf = new Uint8Array(membership.length);
  let dealt = 0;
  for (const side of [1, 0]) {
    const rows: number[] = [];
    for (let i = 0; i < membership.length; i += 1) if (membership[i] === side) rows.push(i);
    for (const row of random.shuffle(rows)) {
      foldOf[row] = dealt % folds;
      dealt += 1;
    }
  }
  return foldOf;
}
