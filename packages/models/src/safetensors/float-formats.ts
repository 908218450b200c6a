/** float32 value of an IEEE half (binary16) bit pattern. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Halves, little-endian, to float32. Exact: every half is a float32. */
export function halvesToFloats(bits: Uint16Array): Float32Array {
  const floats = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) floats[i] = halfToFloat(bits[i]!);
  return floats;
}

/** bfloat16 to float32: the upper 16 bits of a float32, so exact. */
export function bfloatsToFloats(bits: Uint16Array): Float32Array {
  const floats = new Float32Array(bits.length);
  const words = new Uint32Array(floats.buffer);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return floats;
}
