import { EngramError, type OpenDataset } from '@engram/domain';
import { createRandom, deriveSeed } from '@engram/numeric';
import { HashSet64 } from '../columns/hash-set.js';
import { RowHasher } from '../columns/row-hasher.js';
import { rowRanges } from './row-ranges.js';

/** Which rows become canaries, what they are labelled, and which of them are trained on. */
export interface DrawnCanaries {
  /** (count) rows of the source, ascending. */
  readonly rows: Int32Array;
  /** (count) a class other than the row's own, every other class equally likely. */
  readonly labels: Int32Array;
  /** (count) 1 = trained on: a fair coin of its own for each. */
  readonly coins: Uint8Array;
}

/**
 * Draws canaries among the rows whose input occurs once: trained on with a wrong label, an input that stands elsewhere with
 * the right one would be contradicted, and the coins of two equal canaries would tell of each other.
 *
 * @param labels (n) classes of the source's rows, in [0, classes).
 * @throws ENG_INSUFFICIENT_SAMPLES fewer such rows than canaries.
 */
export async function drawCanaries(
  source: OpenDataset,
  labels: ArrayLike<number>,
  options: { readonly count: number; readonly classes: number; readonly seed: number; readonly signal?: AbortSignal },
): Promise<DrawnCanaries> {
  const { count, classes, seed, signal } = options;
  const candidates = await unrepeatedRows(source, signal);
  if (candidates.length < count)
    throw new EngramError(
      'ENG_INSUFFICIENT_SAMPLES',
      `expected at least ${count} samples whose input occurs once, got ${candidates.length} of ${source.inspected.count}`,
      { remedy: 'Plant fewer canaries, or remove repeated samples.' },
    );
  const rows = createRandom(deriveSeed(seed, 'canaries', 'rows'))
    .sample(candidates.length, count)
    .map((place) => candidates[place])
    .sort();
  const wrong = createRandom(deriveSeed(seed, 'canaries', 'labels'));
  const coin = createRandom(deriveSeed(seed, 'canaries', 'coins'));
  return {
    rows,
    labels: Int32Array.from(rows, (row) => {
      const other = wrong.integer(classes - 1);
      return other + Number(other >= labels[row]);
    }),
    coins: Uint8Array.from(rows, () => Number(coin.uniform() < 0.5)),
  };
}

/** Rows whose input no other row has, ascending. */
async function unrepeatedRows(source: OpenDataset, signal: AbortSignal | undefined): Promise<Int32Array> {
  const { count } = source.inspected;
  const seen = new HashSet64(count);
  const repeated = new HashSet64();
  const hashes = new Uint32Array(2 * count);
  let row = 0;
  let hasher: RowHasher | undefined;
  for (const [start, end] of rowRanges(source.inspected, 'input')) {
    signal?.throwIfAborted();
    const { data } = await source.numbers('input', start, end);
    hasher ??= new RowHasher(data.length / (end - start), (high, low) => {
      hashes[2 * row] = high;
      hashes[2 * row + 1] = low;
      if (!seen.add(high, low)) repeated.add(high, low);
      row += 1;
    });
    hasher.push(data);
  }
  const found: number[] = [];
  for (let i = 0; i < count; i += 1) if (!repeated.has(hashes[2 * i], hashes[2 * i + 1])) found.push(i);
  return Int32Array.from(found);
}
