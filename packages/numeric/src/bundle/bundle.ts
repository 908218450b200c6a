import { type Bundle, EngramError, type Json, type NdArray, type TypedArray } from '@engram/domain';
import { canonicalJson } from '../digest/canonical-json.js';
import { readSafetensorsHeader, type SafetensorsDtype } from './safetensors-header.js';
import { decodeTensor } from './safetensors-tensor.js';

/** The metadata key that holds a bundle's description. */
const metaKey = 'engram';

/**
 * Writes a bundle as one safetensors file; its description is canonical JSON under the metadata key `engram`. Equal
 * bundles give equal bytes: names are sorted, wider types first so that every array lies aligned.
 *
 * @param bundle named arrays, each with as many values as its shape asks for; any name but `__metadata__`.
 * @returns the file.
 * @throws ENG_SHAPE_MISMATCH an array's length and shape disagree, or a name is reserved. ENG_INTERNAL the description
 *   is not plain JSON.
 */
export function encodeBundle(bundle: Bundle): Uint8Array {
  const tensors = Object.entries(bundle.arrays)
    .map(([name, array]) => checked(name, array))
    .sort((a, b) => b.itemBytes - a.itemBytes || (a.name < b.name ? -1 : 1));
  const members = [`"__metadata__":${canonicalJson({ [metaKey]: canonicalJson(bundle.meta) })}`];
  let dataBytes = 0;
  for (const { name, dtype, array } of tensors) {
    const end = dataBytes + array.data.byteLength;
    members.push(
      `${JSON.stringify(name)}:${canonicalJson({ dtype, shape: array.shape, data_offsets: [dataBytes, end] })}`,
    );
    dataBytes = end;
  }
  const header = new TextEncoder().encode(`{${members.join(',')}}`);
  const headerBytes = Math.ceil(header.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  // The format pads headers with spaces.
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(header, 8);
  let at = 8 + headerBytes;
  for (const { array } of tensors) {
    file.set(new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength), at);
    at += array.data.byteLength;
  }
  return file;
}

/**
 * Reads a bundle back. Arrays are views of `bytes` where aligned, which is always so for files of `encodeBundle` read
 * into a buffer of their own.
 *
 * @param bytes a whole safetensors file, of `encodeBundle` or of any other writer.
 * @param source how messages name the file.
 * @returns arrays by name, and the description ({} when the file has none).
 * @throws ENG_FILE_TRUNCATED, ENG_FILE_UNREADABLE, ENG_FORMAT_UNSUPPORTED as `readSafetensorsHeader` and
 *   `decodeTensor`.
 */
export function decodeBundle(bytes: Uint8Array, source = 'bundle'): Bundle {
  const header = readSafetensorsHeader(bytes, { source });
  const arrays = [...header.tensors].map(([name, entry]): [string, NdArray] => [
    name,
    decodeTensor(entry, bytes.subarray(entry.startByte, entry.endByte)),
  ]);
  // fromEntries defines own properties, so no name can reach the prototype.
  return { arrays: Object.fromEntries(arrays), meta: parseMeta(header.metadata.get(metaKey), source) };
}

function checked(name: string, array: NdArray) {
  const expected = array.shape.reduce((product, size) => product * size, 1);
  if (array.data.length !== expected || name === '__metadata__') {
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected ${expected} values in array ${JSON.stringify(name)} of shape (${array.shape.join(', ')}) and a name other than "__metadata__", got ${array.data.length}`,
    );
  }
  return { name, array, dtype: dtypeOf(array.data), itemBytes: array.data.BYTES_PER_ELEMENT };
}

function dtypeOf(data: TypedArray): SafetensorsDtype {
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Float32Array) return 'F32';
  return data instanceof Int32Array ? 'I32' : 'U8';
}

function parseMeta(text: string | undefined, source: string): { readonly [key: string]: Json } {
  if (text === undefined) return {};
  try {
    const meta: unknown = JSON.parse(text);
    if (typeof meta === 'object' && meta !== null && !Array.isArray(meta)) return meta as { [key: string]: Json };
  } catch (cause) {
    throw new EngramError('ENG_FILE_UNREADABLE', `${source}: expected JSON in metadata "${metaKey}"`, { cause });
  }
  throw new EngramError('ENG_FILE_UNREADABLE', `${source}: expected a JSON object in metadata "${metaKey}"`);
}
