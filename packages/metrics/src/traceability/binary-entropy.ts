/**
 * Entropy of a coin that shows heads with probability p: -p log2 p - (1 - p) log2(1 - p).
 *
 * @param p fraction in [0, 1].
 * @returns bits in [0, 1].
 */
export function binaryEntropyBits(p: number): number {
  return p <= 0 || p >= 1 ? 0 : -(p * Math.log2(p) + (1 - p) * Math.log2(1 - p));
}
