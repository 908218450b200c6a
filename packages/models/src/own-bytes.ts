/**
 * A copy of bytes [begin, end) in a buffer of their own, aligned for any element type. Not `bytes.slice(begin, end)`:
 * on Node's Buffer that is a view into a shared pool.
 */
export function ownBytes(bytes: Uint8Array, begin = 0, end = bytes.length): ArrayBuffer {
  return Uint8Array.from(bytes.subarray(begin, end)).buffer;
}
