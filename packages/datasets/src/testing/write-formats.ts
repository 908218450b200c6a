import { crc32, deflateRawSync } from 'node:zlib';
import type { ElementType } from '../columns/elements.js';

/** Writers of every format the readers read, written from the formats' descriptions and not from the readers. */

export interface Column {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const descr: Readonly<Record<ElementType, string>> = {
  bool: 'b1',
  uint8: 'u1',
  int8: 'i1',
  uint16: 'u2',
  int16: 'i2',
  uint32: 'u4',
  int32: 'i4',
  uint64: 'u8',
  int64: 'i8',
  float16: 'f2',
  float32: 'f4',
  float64: 'f8',
};

function encode(values: readonly number[], type: ElementType, littleEndian: boolean): Uint8Array {
  const size = Number(descr[type].slice(1));
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    const at = i * size;
    if (type === 'bool' || type === 'uint8') view.setUint8(at, value);
    else if (type === 'int8') view.setInt8(at, value);
    else if (type === 'uint16') view.setUint16(at, value, littleEndian);
    else if (type === 'int16') view.setInt16(at, value, littleEndian);
    else if (type === 'uint32') view.setUint32(at, value, littleEndian);
    else if (type === 'int32') view.setInt32(at, value, littleEndian);
    else if (type === 'uint64') view.setBigUint64(at, BigInt(value), littleEndian);
    else if (type === 'int64') view.setBigInt64(at, BigInt(value), littleEndian);
    else if (type === 'float32') view.setFloat32(at, value, littleEndian);
    else if (type === 'float64') view.setFloat64(at, value, littleEndian);
    else throw new TypeError(`no writer for ${type}`);
  });
  return bytes;
}

export interface NpyOptions {
  readonly bigEndian?: boolean;
  readonly version?: 1 | 2 | 3;
  readonly fortran?: boolean;
}

export function npyBytes({ shape, values }: Column, type: ElementType, options: NpyOptions = {}): Uint8Array {
  const { bigEndian = false, version = 1, fortran = false } = options;
  const order = descr[type].endsWith('1') ? '|' : bigEndian ? '>' : '<';
  const arranged = fortran ? columnMajor(shape, values) : values;
  return npyFile(`${order}${descr[type]}`, fortran, shape, encode(arranged, type, !bigEndian), version);
}

/** Fixed-width strings, `<U`. */
export function npyStrings(values: readonly string[]): Uint8Array {
  const width = Math.max(1, ...values.map((value) => [...value].length));
  const bytes = new Uint8Array(values.length * width * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    [...value].forEach((character, j) => {
      view.setUint32((i * width + j) * 4, character.codePointAt(0)!, true);
    });
  });
  return npyFile(`<U${width}`, false, [values.length], bytes, 1);
}

export function npyFile(
  type: string,
  fortran: boolean,
  shape: readonly number[],
  data: Uint8Array,
  version: 1 | 2 | 3,
): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${type}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const prefix = version === 1 ? 10 : 12;
  const padded = `${text.padEnd(Math.ceil((prefix + text.length + 1) / 64) * 64 - prefix - 1)}\n`;
  const header = Buffer.alloc(prefix);
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  if (version === 1) header.writeUInt16LE(padded.length, 8);
  else header.writeUInt32LE(padded.length, 8);
  return Buffer.concat([header, Buffer.from(padded, 'latin1'), data]);
}

/** Element (i, j, k) of a row-major list moves to i + n (j + m k). */
function columnMajor(shape: readonly number[], values: readonly number[]): number[] {
  const moved = new Array<number>(values.length);
  values.forEach((value, place) => {
    let rest = place;
    const index: number[] = [];
    for (const axis of [...shape].reverse()) {
      index.unshift(rest % axis);
      rest = Math.floor(rest / axis);
    }
    moved[index.reduceRight((at, i, axis) => at * shape[axis]! + i, 0)] = value;
  });
  return moved;
}

const idxCode: Partial<Record<ElementType, number>> = {
  uint8: 8,
  int8: 9,
  int16: 11,
  int32: 12,
  float32: 13,
  float64: 14,
};

export function idxBytes({ shape, values }: Column, type: ElementType): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = idxCode[type] ?? 0;
  header[3] = shape.length;
  shape.forEach((axis, i) => {
    header.writeUInt32BE(axis, 4 + 4 * i);
  });
  return Buffer.concat([header, encode(values, type, false)]);
}

export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Unix mode, file type included. */
  readonly mode?: number;
}

export function zipBytes(files: readonly ZipFile[], isDeflated: boolean): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes, mode = 0o100644 } of files) {
    const packed = isDeflated ? deflateRawSync(bytes) : bytes;
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(isDeflated ? 8 : 0, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(mode * 65_536, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, tail, nameBytes);
    offset += 30 + nameBytes.length + packed.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listing, end]);
}

export function csvBytes(columns: Readonly<Record<string, readonly (number | string)[]>>): Uint8Array {
  const names = Object.keys(columns);
  const rows = columns[names[0]!]!.map((_, row) => names.map((name) => csvCell(columns[name]![row]!)).join(','));
  return Buffer.from(`${names.map(csvCell).join(',')}\n${rows.join('\n')}\n`);
}

function csvCell(value: number | string): string {
  return typeof value === 'string' && /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value);
}

export function jsonlBytes(rows: readonly Readonly<Record<string, unknown>>[]): Uint8Array {
  return Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** The rows of a column as nested lists. */
export function nested({ shape, values }: Column): unknown[] {
  const [rows = 0, ...rowShape] = shape;
  if (rowShape.length === 0) return [...values];
  const width = values.length / rows;
  return Array.from({ length: rows }, (_, row) =>
    nested({ shape: rowShape, values: values.slice(row * width, (row + 1) * width) }),
  );
}
