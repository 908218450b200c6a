import type { RandomAccess } from '@engram/domain';

const blockBudgetBytes = 32 * 1024 * 1024;
const readBudgetBytes = 4 * 1024 * 1024;

export interface FortranArray {
  readonly access: RandomAccess;
  /** Where the elements begin. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly elementBytes: number;
}

/**
 * The elements of a column-major array as row-major blocks of whole rows. In the file the leading axis varies fastest,
 * so each block gathers its run of rows from every column; neighbouring columns are read together while they are short.
 */
export async function* fortranRows(array: FortranArray): AsyncGenerator<Uint8Array> {
  const { shape, elementBytes } = array;
  const [rows = 0, ...rowShape] = shape;
  const columns = fileOrderOfColumns(rowShape);
  const rowBytes = columns.length * elementBytes;
  if (rows === 0 || rowBytes === 0) return;
  const rowsPerBlock = Math.min(rows, Math.max(1, Math.floor(blockBudgetBytes / rowBytes)));
  for (let start = 0; start < rows; start += rowsPerBlock)
    yield await gatherRows(array, columns, start, Math.min(rows, start + rowsPerBlock));
}

async function gatherRows(array: FortranArray, columns: Uint32Array, start: number, end: number): Promise<Uint8Array> {
  const { access, offset, shape, elementBytes } = array;
  const rows = shape[0]!;
  const count = end - start;
  const block = new Uint8Array(count * columns.length * elementBytes);
  const together = Math.max(1, Math.floor(readBudgetBytes / (rows * elementBytes)));
  for (let first = 0; first < columns.length; first += together) {
    const last = Math.min(columns.length, first + together) - 1;
    const from = first * rows + start;
    const bytes = await access.read(offset + from * elementBytes, (last * rows + end - from) * elementBytes);
    for (let inFile = first; inFile <= last; inFile++) {
      const target = columns[inFile]! * elementBytes;
      const source = (inFile - first) * rows * elementBytes;
      scatter(bytes, source, block, target, count, columns.length * elementBytes, elementBytes);
    }
  }
  return block;
}

function scatter(
  source: Uint8Array,
  sourceStart: number,
  target: Uint8Array,
  targetStart: number,
  count: number,
  stride: number,
  size: number,
): void {
  for (let i = 0; i < count; i++)
    for (let b = 0; b < size; b++) target[targetStart + i * stride + b] = source[sourceStart + i * size + b]!;
}

/** For each column in file order (first axis fastest), its place in a row-major row (last axis fastest). */
function fileOrderOfColumns(rowShape: readonly number[]): Uint32Array {
  const width = rowShape.reduce((product, axis) => product * axis, 1);
  const places = new Uint32Array(width);
  const index = rowShape.map(() => 0);
  for (let inFile = 0; inFile < width; inFile++) {
    places[inFile] = rowShape.reduce((place, axis, k) => place * axis + index[k]!, 0);
    for (let k = 0; k < rowShape.length && ++index[k]! === rowShape[k]; k++) index[k] = 0;
  }
  return places;
}
