import type { NdArray } from '@engram/domain';

/** A model that says nothing but which class it finds most likely. */
export interface LabelOracle {
  /** @returns (m) classes of rows (m, …rowShape). The array of rows is used again afterwards. */
  readonly classify: (rows: NdArray<Float32Array>) => Promise<Int32Array>;
  readonly rowShape: readonly number[];
  /** Rows asked about at once, at least 1: bounds memory. */
  readonly rowsPerBatch: number;
}

/** Samples to ask about. */
export interface LabelledSamples {
  /** (n, width) rows laid out flat, as `rowShape` of the oracle describes them. */
  readonly inputs: Float32Array;
  /** (n) the classes they are labelled with. */
  readonly labels: Int32Array;
  /**
   * Number of the first sample among all: what is drawn for a sample depends on its number and the seed, so that
   * samples may be taken in portions of any size.
   */
  readonly first: number;
}

/** One number per sample, and what it took. */
export interface LabelMeasurement {
  /** (n) */
  readonly values: Float64Array;
  /** Rows the model was asked about. */
  readonly queries: number;
}

/** Values in one row of the oracle's inputs. */
export function rowWidth({ rowShape }: LabelOracle): number {
  return rowShape.reduce((product, size) => product * size, 1);
}

/** The samples' own values of one row: a view, not a copy. */
export function sampleRow(samples: LabelledSamples, width: number, i: number): Float32Array {
  return samples.inputs.subarray(i * width, (i + 1) * width);
}

/**
 * Asks for `count` labels in batches.
 *
 * @param write fills query `i` into a row that still holds an earlier one.
 * @param read is given every label in the order of the queries, with the row as it was asked.
 */
export async function askLabels(
  oracle: LabelOracle,
  count: number,
  write: (i: number, row: Float32Array) => void,
  read: (i: number, label: number, row: Float32Array) => void,
): Promise<void> {
  const width = rowWidth(oracle);
  const rows = new Float32Array(Math.min(count, oracle.rowsPerBatch) * width);
  for (let start = 0; start < count; start += oracle.rowsPerBatch) {
    const size = Math.min(oracle.rowsPerBatch, count - start);
    for (let k = 0; k < size; k += 1) write(start + k, rows.subarray(k * width, (k + 1) * width));
    const asked = rows.subarray(0, size * width);
    const labels = await oracle.classify({ data: asked, shape: [size, ...oracle.rowShape] });
    for (let k = 0; k < size; k += 1) read(start + k, labels[k], asked.subarray(k * width, (k + 1) * width));
  }
}
