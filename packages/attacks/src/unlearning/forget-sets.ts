import { EngramError } from '@engram/domain';
import { createRandom, median } from '@engram/numeric';

/** Samples to be unlearned together, all of about the same estimated difficulty. */
export interface ForgetSet {
  /** Rows, increasing. */
  readonly members: Int32Array;
  /** Centre of the set in the rank of all samples, a fraction; 1 = hardest. */
  readonly quantile: number;
  readonly medianDifficulty: number;
}

/**
 * Disjoint forget sets along the difficulty rank, easiest first: the rank is cut into equal bands, and each set is the
 * middle of one.
 *
 * @param difficulty (n) finite.
 * @param options.sets how many, at least 2. options.size samples in each. options.seed orders tied samples.
 * @throws ENG_INSUFFICIENT_SAMPLES fewer than sets * size samples. ENG_REQUEST_INVALID sets or size out of range.
 */
export function chooseForgetSets(
  difficulty: Float64Array,
  { sets, size, seed }: { readonly sets: number; readonly size: number; readonly seed: number },
): ForgetSet[] {
  const n = difficulty.length;
  if (!(Number.isInteger(sets) && sets >= 2 && Number.isInteger(size) && size >= 1))
    throw new EngramError(
      'ENG_REQUEST_INVALID',
      `expected at least 2 sets of at least 1 sample, got ${sets} of ${size}`,
    );
  if (sets * size > n)
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', `expected at least ${sets * size} samples, got ${n}`, {
      remedy: `Ask for ${Math.max(2, Math.floor(n / size))} sets, or for sets of ${Math.floor(n / sets)} samples.`,
    });
  // Sorting is stable, so tied samples keep their shuffled order.
  const order = createRandom(seed)
    .shuffle(Array.from({ length: n }, (_, i) => i))
    .sort((a, b) => difficulty[a] - difficulty[b]);
  return Array.from({ length: sets }, (_, s) => {
    const from = Math.floor((s * n) / sets);
    const to = Math.floor(((s + 1) * n) / sets);
    const start = from + Math.floor((to - from - size) / 2);
    const members = Int32Array.from(order.slice(start, start + size)).sort();
    return {
      members,
      quantile: (start + size / 2) / n,
      medianDifficulty: median(Float64Array.from(members, (row) => difficulty[row])),
    };
  });
}
