import { EngramError, type NdArray } from '@engram/domain';

/**
 * A number per row that depends on what the row holds and on the seed alone, not on where it stands: rows sorted by it
 * are in a random order that survives any reordering of the input. What is learned or drawn along that order is then
 * the same, to the last bit, whoever came first.
 *
 * @param rows (n, p) finite.
 * @param seed integer.
 * @returns (n) integers in [0, 2^53); equal for equal rows, and otherwise all but surely different.
 */
export function contentHashes({ data, shape }: NdArray, seed: number): Float64Array {
  const [n, p] = shape;
  if (shape.length !== 2 || data.length !== n * p)
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected rows (n, p), got (${shape.join(', ')})`);
  const value = new Float64Array(1);
  const words = new Uint32Array(value.buffer);
  return Float64Array.from({ length: n }, (_, i) => {
    let high = seed >>> 0;
    let low = Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b;
    for (let k = i * p; k < (i + 1) * p; k += 1) {
      // Adding 0 turns -0 into 0.
      value[0] = data[k] + 0;
      for (const word of words) {
        high = mix(high ^ word, 0x85ebca6b);
        low = mix(low + Math.imul(word, 0xcc9e2d51), 0xc2b2ae35);
      }
    }
    return (mix(high, 0x2c1b3c6d) >>> 11) * 2 ** 32 + (mix(low, 0x297a2d39) >>> 0);
  });
}

/** Multiply and fold, as in the finaliser of MurmurHash3. */
function mix(word: number, by: number): number {
  const folded = Math.imul(word ^ (word >>> 16), by);
  return folded ^ (folded >>> 13);
}

/**
 * Folds for cross-fitting in which equal rows share a fold, so that no row is judged by a model that learned from its
 * copy. A fold is an interval of hashes; the intervals hold about equally many of the distinct hashes of the rows learned
 * from, so a row's fold depends on itself and on those alone.
 *
 * @param hashes (n) from `contentHashes`.
 * @param learned hashes of the rows learned from; of all rows by default.
 * @param folds at least 2.
 * @returns (n) fold of each row, 0 to folds - 1.
 * @throws ENG_INSUFFICIENT_SAMPLES fewer distinct rows to learn from than folds.
 */
export function contentFolds(hashes: Float64Array, folds: number, learned: Float64Array = hashes): Int32Array {
  const distinct = learned
    .slice()
    .sort()
    .filter((hash, k, sorted) => k === 0 || hash !== sorted[k - 1]);
  if (distinct.length < folds)
    throw new EngramError(
      'ENG_INSUFFICIENT_SAMPLES',
      `expected at least ${folds} distinct rows to learn from, got ${distinct.length}`,
      { remedy: 'Give more samples that differ from each other.' },
    );
  const starts = Array.from({ length: folds }, (_, fold) => distinct[Math.ceil((fold * distinct.length) / folds)]);
  return Int32Array.from(hashes, (hash) =>
    Math.max(
      0,
      starts.findLastIndex((start) => start <= hash),
    ),
  );
}
