import assert from 'node:assert/strict';

/** An array of an .npz archive, as `numpy.load` would give it. */
export interface LoadedArray {
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
}

const endSignature = 0x06054b50;
const endBytes = 22;

/** The arrays of an .npz archive whose entries are stored uncompressed, by name. */
export function readNpz(archive: Uint8Array): Record<string, LoadedArray> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = archive.length - endBytes;
  assert.equal(view.getUint32(end, true), endSignature, 'no directory at the end of the archive');
  const arrays: Record<string, LoadedArray> = {};
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    assert.equal(view.getUint16(at + 10, true), 0, 'an entry is compressed');
    const [size, nameBytes, extraBytes, commentBytes] = [
      view.getUint32(at + 24, true),
      view.getUint16(at + 28, true),
      view.getUint16(at + 30, true),
      view.getUint16(at + 32, true),
    ];
    const name = new TextDecoder().decode(archive.subarray(at + 46, at + 46 + nameBytes));
    const local = view.getUint32(at + 42, true);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    arrays[name.replace(/\.npy$/, '')] = readNpy(archive.subarray(start, start + size));
    at += 46 + nameBytes + extraBytes + commentBytes;
  }
  return arrays;
}

/** A little-endian .npy file, version 1.0, in C order. */
function readNpy(bytes: Uint8Array): LoadedArray {
  const headerEnd = 10 + new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true);
  const header = new TextDecoder().decode(bytes.subarray(10, headerEnd));
  const [, type] = /'descr': '([^']+)'/.exec(header)!;
  const shape = [.../'shape': \(([^)]*)\)/.exec(header)![1]!.matchAll(/\d+/g)].map(Number);
  const values = bytes.slice(headerEnd).buffer;
  switch (type) {
    case '<f4':
      return { data: new Float32Array(values), shape };
    case '<f8':
      return { data: new Float64Array(values), shape };
    case '<i4':
      return { data: new Int32Array(values), shape };
    case '|u1':
      return { data: new Uint8Array(values), shape };
    default:
      throw new Error(`unexpected type ${type}`);
  }
}
