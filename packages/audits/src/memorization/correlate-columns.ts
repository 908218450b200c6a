import type { ColumnCorrelation } from '@engram/contract';
import { notMeasured } from '@engram/domain';
import { spearmanWithInterval } from '@engram/metrics';
import { deriveSeed } from '@engram/numeric';

/** Above this many rows a bootstrap takes long and says the same as the normal interval. */
const bootstrapUpTo = 500;

export interface CorrelationOptions {
  readonly confidence: number;
  readonly seed: number;
}

/**
 * Rank correlations between columns, over the rows where both have a value.
 *
 * @param columns (n) each, NaN where a column does not apply.
 * @param pairs names of the columns; a pair of which one is absent is left out.
 * @param among rows compared.
 */
export function correlateColumns(
  columns: Readonly<Record<string, ArrayLike<number>>>,
  pairs: readonly (readonly [string, string])[],
  among: Int32Array,
  { confidence, seed }: CorrelationOptions,
): ColumnCorrelation[] {
  return pairs.flatMap(([first, second]) => {
    const [a, b] = [columns[first], columns[second]];
    if (a === undefined || b === undefined) return [];
    const rows = among.filter((row) => !Number.isNaN(a[row]) && !Number.isNaN(b[row]));
    const values = (column: ArrayLike<number>) => Float64Array.from(rows, (row) => column[row]);
    const measured =
      rows.length < 4
        ? notMeasured('ENG_INSUFFICIENT_SAMPLES', `needs four members with both values, got ${rows.length}`)
        : spearmanWithInterval(values(a), values(b), {
            method: rows.length <= bootstrapUpTo ? 'bootstrap' : 'fisherZ',
            seed: deriveSeed(seed, 'correlation', first, second),
            confidence,
          });
    return [{ first, second, measured }];
  });
}
