import { isUtf8 } from 'node:buffer';
import { fieldError, unreadableFile } from '../field-error.js';

type Place = { readonly path: string; readonly pointer: string };

/**
 * UTF-8 text in blocks that end with a line feed, the last one wherever the file ends. A byte order mark is left out.
 *
 * @throws ENG_FILE_UNREADABLE not UTF-8, with the line. ENG_UPLOAD_TOO_LARGE a line beyond `longestLine` bytes.
 */
export async function* lineBlocks(
  source: AsyncIterable<Uint8Array>,
  longestLine: number,
  place: Place,
): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let pending = 0;
  let lines = 0;
  let isFirst = true;
  const join = (last: Buffer): Buffer => {
    const block = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    pending = 0;
    if (!isUtf8(block)) throw notUtf8(block, lines, place);
    lines += countLines(block);
    const hasMark = isFirst && block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf;
    isFirst = false;
    return hasMark ? block.subarray(3) : block;
  };
  for await (const bytes of source) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const end = chunk.lastIndexOf(10) + 1;
    if (end > 0) yield join(chunk.subarray(0, end));
    if (end < chunk.length) {
      parts.push(chunk.subarray(end));
      pending += chunk.length - end;
    }
    if (pending > longestLine)
      throw fieldError(
        'ENG_UPLOAD_TOO_LARGE',
        place.pointer,
        `${place.path} has a line of more than ${longestLine} bytes, after line ${lines}`,
        'Split long rows, or use npy for large arrays.',
      );
  }
  if (pending > 0) yield join(Buffer.alloc(0));
}

function countLines(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, at + 1)) count++;
  return count;
}

function notUtf8(block: Buffer, linesBefore: number, place: Place): Error {
  let line = linesBefore + 1;
  for (let start = 0, end = block.indexOf(10); end >= 0; start = end + 1, end = block.indexOf(10, start), line++)
    if (!isUtf8(block.subarray(start, end))) break;
  return unreadableFile(place, `line ${line} is not UTF-8`);
}
