import type { RandomAccess } from '@engram/domain';
import { ByteCursor } from '../bytes/byte-cursor.js';
import { dataBlocks, deliverArray } from '../columns/deliver-array.js';
import { elementTypes } from '../columns/elements.js';
import { fieldError, truncatedFile } from '../field-error.js';
import type { ReadLimits } from '../limits.js';
import type { ColumnSink } from '../reader.js';
import { fortranRows } from './fortran-rows.js';
import { type NpyHeader, readNpyHeader } from './header.js';
import { deliverStrings } from './strings.js';

export interface NpySource {
  /** What messages call it: the file's path, or the array's name inside a .npz. */
  readonly path: string;
  readonly pointer: string;
  /** Size after unpacking, when it is known beforehand: a wrong one is then found without reading on. */
  readonly sizeBytes: number | undefined;
  stream(): AsyncIterable<Uint8Array>;
  /** The same bytes at random positions. */
  open(): Promise<RandomAccess>;
}

/** Delivers one .npy stream to one column. */
export async function readNpy(source: NpySource, column: ColumnSink, limits: ReadLimits): Promise<void> {
  const cursor = new ByteCursor(source.stream());
  try {
    const header = await readNpyHeader(cursor, source);
    const elementBytes = bytesOf(header);
    const dataBytes = header.shape.reduce((product, axis) => product * axis, elementBytes);
    const expected = cursor.position + dataBytes;
    if (source.sizeBytes !== undefined && source.sizeBytes < expected)
      throw truncatedFile(source, expected, source.sizeBytes);
    const isColumnMajor = header.fortranOrder && header.shape.filter((axis) => axis > 1).length > 1;
    const blocks = isColumnMajor
      ? columnMajorBlocks(source, header, cursor.position, dataBytes, limits)
      : dataBlocks(cursor, dataBytes, elementBytes, source);
    if ('bytes' in header.element) await deliverStrings(column, header.element, header.shape, blocks);
    else await deliverArray(column, { layout: header.element, shape: header.shape, blocks });
  } finally {
    await cursor.close();
  }
}

function bytesOf({ element }: NpyHeader): number {
  return 'bytes' in element ? element.bytes : elementTypes[element.type].bytes;
}

async function* columnMajorBlocks(
  source: NpySource,
  header: NpyHeader,
  offset: number,
  dataBytes: number,
  limits: ReadLimits,
): AsyncGenerator<Uint8Array> {
  if (dataBytes > limits.fortranBytes)
    throw fieldError(
      'ENG_UPLOAD_TOO_LARGE',
      source.pointer,
      `${source.path} holds ${dataBytes} bytes in Fortran order, more than the ${limits.fortranBytes} that are turned round`,
      'Save it row by row: np.save(path, np.ascontiguousarray(x)).',
    );
  const access = await source.open();
  try {
    if (access.sizeBytes < offset + dataBytes) throw truncatedFile(source, offset + dataBytes, access.sizeBytes);
    yield* fortranRows({ access, offset, shape: header.shape, elementBytes: bytesOf(header) });
  } finally {
    await access.close();
  }
}
