import { EngramError, type NdArray, type TypedArray } from '@engram/domain';
import { bfloatsToFloats, halvesToFloats } from './float-formats.js';
import type { SafetensorsDtype, SafetensorsEntry } from './safetensors-header.js';

/**
 * One tensor's bytes as an array. F32, F64, I32 and U8 are views of the bytes where these are aligned, copies where
 * they are not. F16 and BF16 become float32; BOOL becomes uint8; the other integers become int32, or float64 when a
 * value does not fit.
 *
 * @param entry type and shape from the header.
 * @param bytes exactly the tensor's bytes, little-endian.
 * @returns array of the entry's shape. Do not write to it: it may share memory with `bytes`.
 * @throws ENG_FILE_TRUNCATED another number of bytes than the entry spans. ENG_FORMAT_UNSUPPORTED an 8-bit float, or
 *   an integer beyond 2^53, which a double cannot hold.
 */
export function decodeTensor(
  entry: Pick<SafetensorsEntry, 'dtype' | 'shape' | 'startByte' | 'endByte'>,
  bytes: Uint8Array,
): NdArray {
  const expectedBytes = entry.endByte - entry.startByte;
  if (bytes.length !== expectedBytes) {
    throw new EngramError('ENG_FILE_TRUNCATED', `expected ${expectedBytes} tensor bytes, got ${bytes.length}`, {
      details: { expectedBytes, gotBytes: bytes.length },
    });
  }
  return { data: decodeValues(entry.dtype, bytes), shape: entry.shape };
}

function decodeValues(dtype: SafetensorsDtype, bytes: Uint8Array): TypedArray {
  switch (dtype) {
    case 'F32':
      return new Float32Array(...aligned(bytes, 4));
    case 'F64':
      return new Float64Array(...aligned(bytes, 8));
    case 'I32':
      return new Int32Array(...aligned(bytes, 4));
    case 'U8':
    case 'BOOL':
      return new Uint8Array(...aligned(bytes, 1));
    case 'F16':
      return halvesToFloats(new Uint16Array(...aligned(bytes, 2)));
    case 'BF16':
      return bfloatsToFloats(new Uint16Array(...aligned(bytes, 2)));
    case 'I8':
      return Int32Array.from(new Int8Array(...aligned(bytes, 1)));
    case 'I16':
      return Int32Array.from(new Int16Array(...aligned(bytes, 2)));
    case 'U16':
      return Int32Array.from(new Uint16Array(...aligned(bytes, 2)));
    case 'U32':
      return narrowed(Float64Array.from(new Uint32Array(...aligned(bytes, 4))));
    case 'I64':
      return narrowed(fromBigInts(new BigInt64Array(...aligned(bytes, 8))));
    case 'U64':
      return narrowed(fromBigInts(new BigUint64Array(...aligned(bytes, 8))));
    case 'F8_E4M3':
    case 'F8_E5M2':
      throw new EngramError('ENG_FORMAT_UNSUPPORTED', `expected a type of at least 16 bits per float, got ${dtype}`, {
        remedy: 'Convert the weights to float16, bfloat16 or float32.',
      });
  }
}

/** Buffer, offset and length for a typed array over `bytes`, copied first where the offset is not aligned. */
function aligned(bytes: Uint8Array, itemBytes: number): [ArrayBufferLike, number, number] {
  // Not slice(): on a Node Buffer that is a view, not a copy.
  const own = bytes.byteOffset % itemBytes === 0 ? bytes : new Uint8Array(bytes);
  return [own.buffer, own.byteOffset, own.length / itemBytes];
}

function fromBigInts(values: BigInt64Array | BigUint64Array): Float64Array {
  const doubles = new Float64Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    doubles[i] = Number(values[i]);
    if (!Number.isSafeInteger(doubles[i])) {
      throw new EngramError(
        'ENG_FORMAT_UNSUPPORTED',
        `expected integers within ±2^53, got a larger one at position ${i}`,
      );
    }
  }
  return doubles;
}

function narrowed(values: Float64Array): Int32Array | Float64Array {
  const fits = values.every((value) => value === (value | 0));
  return fits ? Int32Array.from(values) : values;
}
