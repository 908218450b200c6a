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
  const wordBytes = elementBytes % 4 === 0 ? 4 : elementBytes === 2 ? 2 : 1;
  const words = elementBytes / wordBytes;
  const block = new Uint8Array(count * columns.length * elementBytes);
  const target = wordsOf(block, wordBytes);
  const stride = columns.length * words;
  const together = Math.max(1, Math.floor(readBudgetBytes / (rows * elementBytes)));
  for (let first = 0; first < columns.length; first += together) {
    const last = Math.min(columns.length, first + together) - 1;
    const from = first * rows + start;
    const bytes = await access.read(offset + from * elementBytes, (last * rows + end - from) * elementBytes);
    const source = wordsOf(bytes, wordBytes);
    // Row by row: what is written lies together, and each column read is its own forward run.
    for (let i = 0; i < count; i++)
      for (let inFile = first; inFile <= last; inFile++) {
        const place = i * stride + columns[inFile]! * words;
        const run = ((inFile - first) * rows + i) * words;
        for (let w = 0; w < words; w++) target[place + w] = source[run + w]!;
      }
  }
  return block;
}

/** Bytes seen as words: unsigned, because moving integers through floats may change those that look like NaN. */
function wordsOf(bytes: Uint8Array, wordBytes: 1 | 2 | 4): Uint8Array | Uint16Array | Uint32Array {
  if (bytes.byteOffset % wordBytes !== 0) return wordsOf(new Uint8Array(bytes), wordBytes);
  const length = bytes.byteLength / wordBytes;
  if (wordBytes === 2) return new Uint16Array(bytes.buffer, bytes.byteOffset, length);
  return wordBytes === 4 ? new Uint32Array(bytes.buffer, bytes.byteOffset, length) : bytes;
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
