import type { TypedArray } from '@engram/domain';

/** Element types of binary files. */
export const elementTypes = {
  bool: { bytes: 1, integer: true },
  uint8: { bytes: 1, integer: true },
  int8: { bytes: 1, integer: true },
  uint16: { bytes: 2, integer: true },
  int16: { bytes: 2, integer: true },
  uint32: { bytes: 4, integer: true },
  int32: { bytes: 4, integer: true },
  uint64: { bytes: 8, integer: true },
  int64: { bytes: 8, integer: true },
  float16: { bytes: 2, integer: false },
  float32: { bytes: 4, integer: false },
  float64: { bytes: 8, integer: false },
} as const;

export type ElementType = keyof typeof elementTypes;

export interface ElementLayout {
  readonly type: ElementType;
  readonly littleEndian: boolean;
}

/**
 * Raw bytes as numbers. 64-bit integers come out as float64: exact to 2^53, the nearest float64 beyond.
 *
 * @param bytes at buffer offset 0, a whole number of elements. May be reused as the result.
 */
export function decodeElements(bytes: Uint8Array, { type, littleEndian }: ElementLayout): TypedArray {
  const size = elementTypes[type].bytes;
  if (size > 1 && !littleEndian) reverseEach(bytes, size);
  const { buffer } = bytes;
  const n = bytes.length / size;
  switch (type) {
    case 'uint8':
      return bytes;
    case 'bool':
      return bytes.map((byte) => (byte === 0 ? 0 : 1));
    case 'int8':
      return Int32Array.from(new Int8Array(buffer, 0, n));
    case 'uint16':
      return Int32Array.from(new Uint16Array(buffer, 0, n));
    case 'int16':
      return Int32Array.from(new Int16Array(buffer, 0, n));
    case 'int32':
      return new Int32Array(buffer, 0, n);
    case 'uint32':
      return Float64Array.from(new Uint32Array(buffer, 0, n));
    case 'uint64':
    case 'int64':
      return decodeWide(bytes, n, type === 'int64');
    case 'float16':
      return decodeHalf(new Uint16Array(buffer, 0, n));
    case 'float32':
      return new Float32Array(buffer, 0, n);
    case 'float64':
      return new Float64Array(buffer, 0, n);
  }
}

/** Integers as decimal digits, exact at any width: for ids. */
export function integersAsText(bytes: Uint8Array, layout: ElementLayout): string[] {
  if (layout.type !== 'int64' && layout.type !== 'uint64') return Array.from(decodeElements(bytes, layout), String);
  if (!layout.littleEndian) reverseEach(bytes, 8);
  const n = bytes.length / 8;
  const wide = layout.type === 'int64' ? new BigInt64Array(bytes.buffer, 0, n) : new BigUint64Array(bytes.buffer, 0, n);
  return Array.from(wide, String);
}

function decodeWide(bytes: Uint8Array, n: number, signed: boolean): Float64Array {
  const low = new Uint32Array(bytes.buffer, 0, 2 * n);
  const high = signed ? new Int32Array(bytes.buffer, 0, 2 * n) : low;
  const values = new Float64Array(n);
  for (let i = 0; i < n; i++) values[i] = high[2 * i + 1]! * 4294967296 + low[2 * i]!;
  return values;
}

function decodeHalf(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = halfToNumber(halves[i]!);
  return values;
}

/** IEEE 754 binary16. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function reverseEach(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else buffer.swap64();
}
