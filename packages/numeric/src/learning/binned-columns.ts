import { EngramError, type NdArray } from '@engram/domain';

/** Columns cut into bins, so that a split is looked for among a few hundred cuts rather than among all values. */
export interface BinnedColumns {
  readonly rows: number;
  readonly columns: number;
  /** (columns, rows) bin of each value, column after column. */
  readonly bins: Uint8Array;
  /** Per column, increasing: cut b has the values at most `cuts[b]` in bins 0 to b. One fewer than there are bins. */
  readonly cuts: readonly Float64Array[];
  /** Bins of the column with most. */
  readonly mostBins: number;
}

/** Bins are stored in bytes. */
export const binLimit = 256;

/**
 * Bins of about equal size, or one per distinct value where there are few. A cut is a value of the data, not a midpoint:
 * what lies on which side is then the same after any strictly increasing map of the column.
 *
 * @param features (n, p) finite.
 * @param bins at most this many per column, 2 to 256.
 * @throws ENG_SHAPE_MISMATCH not (n, p). ENG_VALUES_NOT_FINITE with the first row and column.
 */
export function binColumns({ data, shape }: NdArray, bins: number): BinnedColumns {
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || data.length !== rows * columns)
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected features (n, p), got (${shape.join(', ')})`);
  const binned = new Uint8Array(rows * columns);
  const cuts: Float64Array[] = [];
  const column = new Float64Array(rows);
  for (let j = 0; j < columns; j += 1) {
    for (let i = 0; i < rows; i += 1) {
      const value = data[i * columns + j];
      if (!Number.isFinite(value))
        throw new EngramError(
          'ENG_VALUES_NOT_FINITE',
          `expected finite features, got ${value} in row ${i}, column ${j}`,
        );
      column[i] = value;
    }
    const ofColumn = cutsOf(column.slice().sort(), bins);
    cuts.push(ofColumn);
    for (let i = 0; i < rows; i += 1) binned[j * rows + i] = binOf(ofColumn, column[i]);
  }
  return {
    rows,
    columns,
    bins: binned,
    cuts,
    mostBins: 1 + cuts.reduce((most, { length }) => Math.max(most, length), 0),
  };
}

/** Number of cuts below a value. */
function binOf(cuts: Float64Array, value: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cuts[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function cutsOf(sorted: Float64Array, bins: number): Float64Array {
  const n = sorted.length;
  const distinct: number[] = [];
  for (let i = 0; i < n && distinct.length <= bins; i += 1) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) distinct.push(sorted[i]);
  }
  if (distinct.length <= bins) return Float64Array.from(distinct.slice(0, -1));
  const cuts: number[] = [];
  for (let k = 1; k < bins; k += 1) {
    const cut = sorted[Math.ceil((k * n) / bins) - 1];
    if (cut !== cuts.at(-1) && cut !== sorted[n - 1]) cuts.push(cut);
  }
  return Float64Array.from(cuts);
}
