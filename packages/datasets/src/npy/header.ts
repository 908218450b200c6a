import type { ByteCursor } from '../bytes/byte-cursor.js';
import type { ElementLayout, ElementType } from '../columns/elements.js';
import { fieldError, printable, truncatedFile, unreadableFile } from '../field-error.js';
import { type PythonLiteral, parsePythonLiteral } from './python-literal.js';

export interface NpyHeader {
  readonly element: ElementLayout | StringLayout;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** Fixed-width strings: `<U12` is 12 UTF-32 characters, `|S12` 12 bytes, padded with zeros. */
export interface StringLayout {
  readonly type: 'utf32' | 'bytes';
  readonly littleEndian: boolean;
  /** Bytes of one string. */
  readonly bytes: number;
}

const longestHeader = 65_536;
const mostAxes = 8;

const elementOf: Readonly<Record<string, ElementType>> = {
  b1: 'bool',
  u1: 'uint8',
  i1: 'int8',
  u2: 'uint16',
  i2: 'int16',
  u4: 'uint32',
  i4: 'int32',
  u8: 'uint64',
  i8: 'int64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

type Place = { readonly path: string; readonly pointer: string };

/**
 * Reads the header of a .npy stream, versions 1 to 3.
 *
 * @throws ENG_FILE_UNREADABLE not .npy. ENG_FILE_TRUNCATED it ends inside the header. ENG_FORMAT_UNSUPPORTED element
 *   types that are not plain numbers or strings; Python objects are pickles and are never opened.
 */
export async function readNpyHeader(cursor: ByteCursor, place: Place): Promise<NpyHeader> {
  const magic = await cursor.take(8);
  const signature = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (signature.some((byte, i) => i < magic.length && magic[i] !== byte))
    throw unreadableFile(place, 'it does not begin as .npy files do');
  if (magic.length < 8) throw truncatedFile(place, 10, cursor.position);
  const major = magic[6]!;
  if (major < 1 || major > 3) throw unreadableFile(place, `.npy version ${major}, expected 1, 2 or 3`);
  const sizeBytes = major === 1 ? 2 : 4;
  const sizeField = await cursor.take(sizeBytes);
  if (sizeField.length < sizeBytes) throw truncatedFile(place, 8 + sizeBytes, cursor.position);
  const view = new DataView(sizeField.buffer);
  const length = major === 1 ? view.getUint16(0, true) : view.getUint32(0, true);
  if (length > longestHeader)
    throw unreadableFile(place, `a header of ${length} bytes, expected at most ${longestHeader}`);
  const text = await cursor.take(length);
  if (text.length < length) throw truncatedFile(place, 8 + sizeBytes + length, cursor.position);
  return parseHeader(new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(text), place);
}

function parseHeader(text: string, place: Place): NpyHeader {
  let header: PythonLiteral;
  try {
    header = parsePythonLiteral(text);
  } catch (error) {
    throw unreadableFile(place, `its header is not a dictionary of literals (${(error as Error).message})`, error);
  }
  if (!(header instanceof Map)) throw unreadableFile(place, 'its header is not a dictionary');
  const fortranOrder = header.get('fortran_order');
  const shape = header.get('shape');
  if (typeof fortranOrder !== 'boolean') throw unreadableFile(place, 'its header has no fortran_order');
  if (!isShape(shape)) throw unreadableFile(place, 'its header has no shape of non-negative integers');
  if (shape.length === 0 || shape.length > mostAxes)
    throw fieldError(
      'ENG_FORMAT_UNSUPPORTED',
      place.pointer,
      `${place.path} has ${shape.length} axes, expected 1 to ${mostAxes} with the samples along the first`,
      'Save the array with one leading axis that counts samples.',
    );
  return { element: parseDescr(header.get('descr'), place), fortranOrder, shape };
}

function isShape(shape: PythonLiteral | undefined): shape is number[] {
  return (
    Array.isArray(shape) &&
    shape.every((axis) => typeof axis === 'number' && Number.isSafeInteger(axis) && axis >= 0) &&
    Number.isSafeInteger((shape as number[]).reduce((product, axis) => product * axis, 8))
  );
}

function parseDescr(descr: PythonLiteral | undefined, place: Place): ElementLayout | StringLayout {
  const described = typeof descr === 'string' ? descr : 'a record of several types';
  const [, order, kind = '', width = ''] = /^([<>=|]?)([A-Za-z])(\d{0,6})$/.exec(described) ?? [];
  const littleEndian = order !== '>';
  const type = elementOf[kind + width];
  if (type !== undefined) return { type, littleEndian };
  if (kind === 'U' && Number(width) > 0) return { type: 'utf32', littleEndian, bytes: 4 * Number(width) };
  if (kind === 'S' && Number(width) > 0) return { type: 'bytes', littleEndian, bytes: Number(width) };
  const isObject = kind === 'O' || described.includes('O');
  throw fieldError(
    'ENG_FORMAT_UNSUPPORTED',
    place.pointer,
    isObject
      ? `${place.path} holds Python objects, which are stored as a pickle: opening one can run code, so it is refused`
      : `${place.path} has the element type ${printable(described)}, expected numbers, booleans or fixed-width strings`,
    'Save the array again with a plain type, e.g. x.astype("float32").',
  );
}
