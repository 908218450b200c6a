const types = new Map<string, string>([
  ['Float32Array', '<f4'],
  ['Float64Array', '<f8'],
  ['Int32Array', '<i4'],
  ['Uint8Array', '|u1'],
]);

/** A little-endian .npy file, version 1.0. */
export function npy(
  values: Float32Array | Float64Array | Int32Array | Uint8Array,
  shape: readonly number[] = [values.length],
): Uint8Array {
  const dict = `{'descr': '${types.get(values.constructor.name)}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  // Magic, version and length are 10 bytes; the whole header is a multiple of 64 and ends with a newline.
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length + values.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  bytes.set(new TextEncoder().encode(`${dict.padEnd(length - 1)}\n`), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 10 + length);
  return bytes;
}
