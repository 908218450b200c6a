import type { ByteCursor } from '../bytes/byte-cursor.js';
import { fieldError, truncatedFile, unreadableFile } from '../field-error.js';
import type { ColumnSink } from '../reader.js';
import { decodeElements, type ElementLayout, elementTypes, integersAsText } from './elements.js';

const blockBytes = 256 * 1024;

export interface RawArray {
  readonly layout: ElementLayout;
  readonly shape: readonly number[];
  /** Row-major elements. */
  readonly blocks: AsyncIterable<Uint8Array>;
}

/** Hands a binary array of numbers to a column, as digits when the column takes strings. */
export async function deliverArray(column: ColumnSink, { layout, shape, blocks }: RawArray): Promise<void> {
  const [rows = 0, ...rowShape] = shape;
  if (column.wants === 'numbers') {
    column.begin({ element: layout.type, rowShape, rows });
    for await (const block of blocks) await column.numbers(decodeElements(block, layout));
    return;
  }
  const isScalar = rowShape.every((axis) => axis === 1);
  if (column.field !== 'id' || !elementTypes[layout.type].integer || !isScalar)
    throw fieldError(
      'ENG_VALUES_INVALID',
      column.pointer,
      `${column.field} needs ${column.field === 'id' ? 'integers or strings' : 'strings'}, one a row; got ${layout.type} with rows of shape [${rowShape}]`,
      'Point the field at an array of fixed-width strings, or use JSON lines or CSV for texts.',
    );
  column.begin({ element: 'string', rowShape: [], rows });
  for await (const block of blocks) await column.strings(integersAsText(block, layout));
}

/**
 * The data part of a binary file in blocks of whole elements.
 *
 * @throws ENG_FILE_TRUNCATED the stream ends before `dataBytes`. ENG_FILE_UNREADABLE it goes on after them.
 */
export async function* dataBlocks(
  cursor: ByteCursor,
  dataBytes: number,
  elementBytes: number,
  place: { readonly path: string; readonly pointer: string },
): AsyncGenerator<Uint8Array> {
  const expected = cursor.position + dataBytes;
  const whole = Math.max(1, Math.floor(blockBytes / elementBytes)) * elementBytes;
  for await (const block of cursor.blocks(dataBytes, whole)) {
    // A last piece that is not a whole number of elements is reported below, once the total is known.
    if (block.length % elementBytes === 0) yield block;
  }
  if (cursor.position < expected) throw truncatedFile(place, expected, cursor.position);
  if (!(await cursor.isAtEnd()))
    throw unreadableFile(place, `its header states ${expected} bytes, and more bytes follow them`);
}
