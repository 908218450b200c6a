import type { FieldName, InspectedDataset } from '@engram/domain';
import { fieldBytes } from '../open-dataset.js';

/** Read at once; one row at least. */
const bytesAtOnce = 8 * 1024 * 1024;

/** Ranges of rows that cover a field, each of a few megabytes. */
export function* rowRanges(inspected: InspectedDataset, field: FieldName): Generator<[start: number, end: number]> {
  const { rows } = inspected.fields[field]!;
  const rowBytes = Math.max(1, fieldBytes(inspected.fields[field]!) / Math.max(1, rows));
  const step = Math.max(1, Math.floor(bytesAtOnce / rowBytes));
  for (let start = 0; start < rows; start += step) yield [start, Math.min(rows, start + step)];
}
