import { ranks } from '@engram/numeric';

/**
 * Ranks of resampled values without sorting them again: which value is above which is settled once, so that the ranks of
 * a draw follow from counting how often each value is in it. O(n) a draw.
 *
 * @param values (n) without NaN.
 * @returns of row numbers drawn, the ranks of their values as `ranks` gives them: 1..draws, ties averaged.
 * @throws ENG_VALUES_NOT_FINITE a value is NaN.
 */
export function resampledRanks(values: ArrayLike<number>): (rows: Int32Array) => Float64Array {
  // Twice an average rank is an integer, equal for equal values alone and in their order.
  const places = Int32Array.from(ranks(values), (rank) => 2 * rank);
  const counts = new Int32Array(2 * values.length + 1);
  const rankAt = new Float64Array(counts.length);
  return (rows) => {
    counts.fill(0);
    for (let i = 0; i < rows.length; i += 1) counts[places[rows[i]!]!]! += 1;
    let below = 0;
    for (let place = 0; place < counts.length; place += 1) {
      const count = counts[place]!;
      rankAt[place] = below + (1 + count) / 2;
      below += count;
    }
    const drawn = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i += 1) drawn[i] = rankAt[places[rows[i]!]!]!;
    return drawn;
  };
}
