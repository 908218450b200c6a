// Counting 2^16 places per pass pays once there are about as many values; below, the native sort is quicker.
const radixFrom = 30_000;
const places = 1 << 16;

/**
 * Sorts in place, increasingly; -0 stands before 0. Long arrays go through four counting passes over the bits of the
 * doubles, about twice as fast as the native sort.
 *
 * @param values (n) without NaN.
 * @returns `values`.
 */
export function sortDoubles(values: Float64Array): Float64Array {
  if (values.length < radixFrom) return values.sort();
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  const sorted = sortWords(words, values.length);
  for (let i = 0; i < values.length; i += 1) {
    const high = sorted.high[i]!;
    const flipped = high >>> 31 === 1 ? 0 : -1;
    words[2 * i] = sorted.low[i]! ^ flipped;
    words[2 * i + 1] = high ^ (flipped | 0x80000000);
  }
  return values;
}

/**
 * The doubles as unsigned numbers of the same order, in two halves: all bits of a negative flipped, the sign bit of the
 * others set. Sorted by 16 bits at a time, lowest first.
 */
function sortWords(words: Uint32Array, n: number) {
  let from = { high: new Uint32Array(n), low: new Uint32Array(n) };
  let to = { high: new Uint32Array(n), low: new Uint32Array(n) };
  const counts = Array.from({ length: 4 }, () => new Uint32Array(places));
  const [first, second, third, fourth] = counts as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  for (let i = 0; i < n; i += 1) {
    const flipped = words[2 * i + 1]! >> 31;
    const low = (words[2 * i]! ^ flipped) >>> 0;
    const high = (words[2 * i + 1]! ^ (flipped | 0x80000000)) >>> 0;
    from.low[i] = low;
    from.high[i] = high;
    first[low & 0xffff]! += 1;
    second[low >>> 16]! += 1;
    third[high & 0xffff]! += 1;
    fourth[high >>> 16]! += 1;
  }
  counts.forEach((next, digit) => {
    startsOf(next);
    const keys = digit < 2 ? from.low : from.high;
    const shift = digit % 2 === 0 ? 0 : 16;
    const { high, low } = from;
    for (let i = 0; i < n; i += 1) {
      const key = (keys[i]! >>> shift) & 0xffff;
      const place = next[key]!;
      next[key] = place + 1;
      to.high[place] = high[i]!;
      to.low[place] = low[i]!;
    }
    [from, to] = [to, from];
  });
  return from;
}

/** Counts of each key to where the first of that key goes. */
function startsOf(counts: Uint32Array): void {
  let start = 0;
  for (let key = 0; key < counts.length; key += 1) {
    const size = counts[key]!;
    counts[key] = start;
    start += size;
  }
}
