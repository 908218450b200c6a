/**
 * IEEE half precision (binary16) as float32, exactly, subnormals and infinities included.
 *
 * @param halves (n) bit patterns.
 * @returns (n).
 */
export function halvesToFloats(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(halves.length);
  const floats = new Float32Array(words.buffer);
  for (let i = 0; i < halves.length; i += 1) {
    const half = halves[i]!;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) {
      // Zero or subnormal: fraction / 2^24.
      floats[i] = (sign === 0 ? 1 : -1) * fraction * 2 ** -24;
    } else {
      const wide = exponent === 0x1f ? 0xff : exponent + 112;
      words[i] = sign | (wide << 23) | (fraction << 13);
    }
  }
  return floats;
}

/**
 * bfloat16 as float32, of which it is the upper half, so exactly.
 *
 * @param halves (n) bit patterns.
 * @returns (n).
 */
export function bfloatsToFloats(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i += 1) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}
