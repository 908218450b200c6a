import type { OpenDataset, TypedArray } from '@engram/domain';
import { hashBytes, RowHasher } from './columns/row-hasher.js';
import { numberRanges, textsOf } from './row-ranges.js';

/**
 * For each row of all datasets, one after another, the first row whose input (or text) is the same: its own number where
 * it has not been seen before. Numbers are compared as float32 when the datasets keep them in different types. Rows are told
 * apart by 53 bits of a hash: among a million distinct ones a false match has a chance of 6e-5.
 *
 * @returns (rows of all datasets); null when not all have inputs of one width, or all texts.
 */
export async function repeatedRows(datasets: readonly OpenDataset[]): Promise<Int32Array | null> {
  const count = datasets.reduce((sum, { inspected }) => sum + inspected.count, 0);
  const firstOf = new Int32Array(count);
  const seen = new Map<number, number>();
  let row = 0;
  const note = (high: number, low: number) => {
    const key = high * 2 ** 21 + (low >>> 11);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, row);
    firstOf[row] = first ?? row;
    row += 1;
  };
  const width = commonWidth(datasets);
  if (width !== null) {
    const common = commonType(datasets);
    for (const dataset of datasets) {
      const hasher = new RowHasher(width, note);
      for await (const values of numberRanges(dataset, width)) hasher.push(common(values));
    }
    return firstOf;
  }
  if (!datasets.every((dataset) => dataset.has('text'))) return null;
  for (const dataset of datasets)
    for await (const text of textsOf(dataset, 'text')) note(...hashBytes(Buffer.from(text)));
  return firstOf;
}

function commonWidth(datasets: readonly OpenDataset[]): number | null {
  const widths = datasets.map(({ inspected }) => {
    const { input } = inspected.fields;
    return input?.kind === 'numeric' ? input.rowShape.reduce((product, axis) => product * axis, 1) : null;
  });
  const [first = null] = widths;
  return widths.every((width) => width === first) ? first : null;
}

function commonType(datasets: readonly OpenDataset[]): (values: TypedArray) => TypedArray {
  const types = new Set(
    datasets.map(({ inspected }) => {
      const { input } = inspected.fields;
      return input?.kind === 'numeric' ? input.dtype : '';
    }),
  );
  return types.size === 1 ? (values) => values : (values) => Float32Array.from(values);
}
