import { fieldError } from '../field-error.js';
import type { ColumnSink } from '../reader.js';
import type { StringLayout } from './header.js';

/** Delivers fixed-width strings. Trailing zero characters are padding, as NumPy has it. */
export async function deliverStrings(
  column: ColumnSink,
  layout: StringLayout,
  shape: readonly number[],
  blocks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const [rows = 0, ...rowShape] = shape;
  if (column.wants !== 'strings' || rowShape.some((axis) => axis !== 1))
    throw fieldError(
      'ENG_VALUES_INVALID',
      column.pointer,
      column.wants === 'strings'
        ? `${column.field} needs one string a row, got rows of shape [${rowShape}]`
        : `${column.field} needs numbers, got strings`,
      column.field === 'label' ? 'Give labels as integers 0 … k − 1.' : 'Point the field at another array.',
    );
  column.begin({ element: 'string', rowShape: [], rows });
  for await (const block of blocks) {
    const strings: string[] = [];
    for (let at = 0; at < block.length; at += layout.bytes)
      strings.push(decodeString(block.subarray(at, at + layout.bytes), layout));
    await column.strings(strings);
  }
}

function decodeString(bytes: Uint8Array, { type, littleEndian }: StringLayout): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (type === 'bytes') return buffer.toString('latin1').replace(/\0+$/, '');
  let text = '';
  for (let at = 0; at < buffer.length; at += 4) {
    const point = littleEndian ? buffer.readUInt32LE(at) : buffer.readUInt32BE(at);
    // Outside Unicode only when the file is damaged; the replacement character then stands in.
    text += String.fromCodePoint(point <= 0x10ffff ? point : 0xfffd);
  }
  return text.replace(/\0+$/, '');
}
