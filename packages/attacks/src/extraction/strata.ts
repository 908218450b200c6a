/** Records and their controls are compared within strata: the same source, and about the same length. */
export interface Strata {
  /** (n) index into `names`. */
  readonly stratum: Int32Array;
  /** `source|from-to`, in order of first appearance. */
  readonly names: readonly string[];
  /** Members of each. */
  readonly counts: Int32Array;
}

/** A stratum with fewer controls than this cannot show small p-values, and says so. */
export const enoughControls = 200;

/**
 * Assigns strata by source and by length, in bins of factor two.
 *
 * @param lengths (n) in tokens or characters, the same unit for records and controls.
 * @param sources (n) where each text is from; absent: one source.
 */
export function assignStrata(lengths: ArrayLike<number>, sources?: readonly string[]): Strata {
  const indexOf = new Map<string, number>();
  const counts: number[] = [];
  const stratum = Int32Array.from({ length: lengths.length }, (_, i) => {
    const from = lengths[i] < 1 ? 0 : 2 ** Math.floor(Math.log2(lengths[i]));
    const name = `${sources?.[i] ?? ''}|${from}-${from === 0 ? 0 : 2 * from - 1}`;
    const index = indexOf.get(name) ?? indexOf.size;
    indexOf.set(name, index);
    counts[index] = (counts[index] ?? 0) + 1;
    return index;
  });
  return { stratum, names: [...indexOf.keys()], counts: Int32Array.from(counts) };
}
