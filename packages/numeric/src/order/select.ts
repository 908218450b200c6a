/**
 * The value that would stand at position `rank` if `values` were sorted increasingly, without sorting them: Hoare's
 * selection, linear on average. Three-way partitions keep ties from slowing it.
 *
 * @param values (n) without NaN; their order is changed.
 * @param rank 0 … n - 1.
 */
export function selectInPlace(values: Float64Array, rank: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = medianOfThree(values[low]!, values[(low + high) >> 1]!, values[high]!);
    let below = low;
    let above = high;
    let at = low;
    while (at <= above) {
      const value = values[at]!;
      if (value < pivot) {
        values[at++] = values[below]!;
        values[below++] = value;
      } else if (value > pivot) {
        values[at] = values[above]!;
        values[above--] = value;
      } else at += 1;
    }
    if (rank < below) high = below - 1;
    else if (rank > above) low = above + 1;
    else return pivot;
  }
  return values[rank]!;
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
