import { z } from 'zod';
import { ByteCursor } from '../bytes/byte-cursor.js';
import { dataBlocks, deliverArray } from '../columns/deliver-array.js';
import { type ElementType, elementTypes } from '../columns/elements.js';
import { truncatedFile, unreadableFile } from '../field-error.js';
import { defineReader, type ReadPass } from '../reader.js';
import { uploadPath } from '../upload-path.js';

const elementOf: Readonly<Record<number, ElementType>> = {
  8: 'uint8',
  9: 'int8',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};

const mostAxes = 8;

/** The IDX files MNIST came in: a magic number with element type and rank, big-endian sizes, big-endian elements. */
export const idx = defineReader({
  format: 'idx',
  summary: 'IDX arrays as MNIST uses them, gzipped or not, one file per field.',
  layout: 'arrays',
  settings: {},
  fieldSpec: z.strictObject({ file: uploadPath }),
  async read({ source, columns }: ReadPass): Promise<void> {
    for (const column of columns) {
      const cursor = new ByteCursor(source.unpacked());
      try {
        const { type, shape } = await readIdxHeader(cursor, source);
        const elementBytes = elementTypes[type].bytes;
        const dataBytes = shape.reduce((product, axis) => product * axis, elementBytes);
        const blocks = dataBlocks(cursor, dataBytes, elementBytes, source);
        await deliverArray(column, { layout: { type, littleEndian: false }, shape, blocks });
      } finally {
        await cursor.close();
      }
    }
  },
});

async function readIdxHeader(
  cursor: ByteCursor,
  place: { readonly path: string; readonly pointer: string },
): Promise<{ type: ElementType; shape: number[] }> {
  const magic = await cursor.take(4);
  if (magic.length < 4) throw truncatedFile(place, 8, cursor.position);
  const [first, second, code, rank] = magic as unknown as [number, number, number, number];
  const type = elementOf[code];
  if (first !== 0 || second !== 0 || type === undefined)
    throw unreadableFile(place, 'it does not begin as IDX files do (two zero bytes, an element type, a rank)');
  if (rank < 1 || rank > mostAxes) throw unreadableFile(place, `rank ${rank}, expected 1 to ${mostAxes}`);
  const sizes = await cursor.take(4 * rank);
  if (sizes.length < 4 * rank) throw truncatedFile(place, 4 + 4 * rank, cursor.position);
  const view = new DataView(sizes.buffer);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 * axis, false));
  if (!Number.isSafeInteger(shape.reduce((product, axis) => product * axis, 8)))
    throw unreadableFile(place, 'its header states more elements than can be counted');
  return { type, shape };
}
