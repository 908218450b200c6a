/** Values that are no finite numbers. */
export interface NonFinite {
  readonly count: number;
  /** Position of the first. */
  readonly first: number;
}

/** How many values are NaN or infinite, and where the first is; null when all are finite. */
export function nonFiniteValues(values: ArrayLike<number>): NonFinite | null {
  let count = 0;
  let first = -1;
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isFinite(values[i])) continue;
    if (count === 0) first = i;
    count += 1;
  }
  return count === 0 ? null : { count, first };
}
