import type { TypedArray } from '@engram/domain';

const seedHigh = 0x2545f491;
const seedLow = 0x6c078965;

/**
 * 64-bit hashes of rows of numbers that arrive in any pieces: two 32-bit murmur3 lanes with different constants. Not
 * cryptographic. Among n distinct rows the expected number of false matches is n²/2^65: 1e-6 at five million.
 */
export class RowHasher {
  private readonly width: number;
  private readonly onRow: (high: number, low: number) => void;
  private high = seedHigh;
  private low = seedLow;
  private filled = 0;

  /** @param width elements of one row, at least 1. */
  constructor(width: number, onRow: (high: number, low: number) => void) {
    this.width = width;
    this.onRow = onRow;
  }

  /** The bits of the elements count, so equal rows must be given in one type. */
  push(values: TypedArray): void {
    if (values instanceof Uint8Array || values instanceof Int32Array) this.pushWords(values, this.width);
    else if (values instanceof Float32Array) this.pushWords(bitsOf(values), this.width);
    else this.pushWords(bitsOf(values), 2 * this.width);
  }

  private pushWords(words: Int32Array | Uint8Array, width: number): void {
    let { high, low, filled } = this;
    for (let i = 0; i < words.length; ) {
      const end = Math.min(words.length, i + width - filled);
      filled += end - i;
      for (; i < end; i++) {
        const word = words[i]!;
        let a = Math.imul(word, 0xcc9e2d51);
        a = Math.imul((a << 15) | (a >>> 17), 0x1b873593) ^ high;
        high = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
        let b = Math.imul(word, 0x239b961b);
        b = Math.imul((b << 16) | (b >>> 16), 0xab0e9789) ^ low;
        low = (Math.imul((b << 17) | (b >>> 15), 5) + 0x561ccd1b) | 0;
      }
      if (filled === width) {
        this.emit(high ^ width, low ^ width);
        high = seedHigh;
        low = seedLow;
        filled = 0;
      }
    }
    this.high = high;
    this.low = low;
    this.filled = filled;
  }

  private emit(high: number, low: number): void {
    const first = avalanche(high + low);
    this.onRow(first >>> 0, avalanche(low + first) >>> 0);
  }
}

/** Hash of one run of bytes. */
export function hashBytes(bytes: Uint8Array): readonly [high: number, low: number] {
  let hash: [number, number] = [0, 0];
  // An empty row would never complete: the one for the length makes it complete and tells lengths apart.
  const hasher = new RowHasher(bytes.length + 1, (high, low) => {
    hash = [high, low];
  });
  hasher.push(bytes);
  hasher.push(new Int32Array([bytes.length]));
  return hash;
}

/** The same bytes seen as 32-bit words. */
function bitsOf(values: Float32Array | Float64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
}

function avalanche(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
