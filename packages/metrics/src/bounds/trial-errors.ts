import { EngramError } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { countSides } from '../scored-samples.js';
import { clopperPearsonEpsilon } from './clopper-pearson-epsilon.js';
import { type ErrorCounts, errorCounts } from './error-counts.js';

/** Where the threshold comes from: fixed before the trials were seen, or chosen on half of them and used on the rest. */
export type TrialThreshold = number | 'disjointHalf';

export interface TrialErrors {
  /** Of the trials the threshold was not chosen on. */
  readonly counts: ErrorCounts;
  readonly threshold: number;
}

/**
 * Errors of one test over independent trials, counted only on trials that had no part in setting its threshold.
 *
 * @param scores (R) one per trial, without NaN; higher = more surely trained with the canary.
 * @param membership (R) 1 = trained with it.
 * @param source of the threshold; `disjointHalf` takes the one with the best Clopper-Pearson bound on a random half of
 *   each side, and counts on the other.
 * @param options.significance and `delta` of the bound the threshold is chosen for.
 * @throws ENG_INSUFFICIENT_SAMPLES fewer trials than leave one of each side to count on; as `countSides`.
 */
export function trialErrors(
  scores: ArrayLike<number>,
  membership: ArrayLike<number>,
  source: TrialThreshold,
  options: { readonly significance: number; readonly delta: number; readonly seed: number },
): TrialErrors {
  const { members, nonMembers } = countSides(scores, membership);
  const fewest = source === 'disjointHalf' ? 2 : 1;
  if (Math.min(members, nonMembers) < fewest)
    throw new EngramError(
      'ENG_INSUFFICIENT_SAMPLES',
      `expected at least ${fewest} trials with and without the canary, got ${members} and ${nonMembers}`,
    );
  if (source !== 'disjointHalf') return { counts: errorCounts(scores, membership, source), threshold: source };
  const [chosenOn, countedOn] = halves(membership, options.seed);
  const take = (values: ArrayLike<number>, rows: readonly number[]) => Float64Array.from(rows, (row) => values[row]);
  const threshold = bestThreshold(take(scores, chosenOn), take(membership, chosenOn), options);
  return { counts: errorCounts(take(scores, countedOn), take(membership, countedOn), threshold), threshold };
}

/** Row numbers of two halves, each side split evenly; the second half has the larger share. */
function halves(membership: ArrayLike<number>, seed: number): [number[], number[]] {
  const random = createRandom(seed);
  const first: number[] = [];
  const second: number[] = [];
  for (const side of [0, 1]) {
    const rows: number[] = [];
    for (let i = 0; i < membership.length; i += 1) if (membership[i] === side) rows.push(i);
    random.shuffle(rows);
    const half = Math.floor(rows.length / 2);
    first.push(...rows.slice(0, half));
    second.push(...rows.slice(half));
  }
  return [first, second];
}

function bestThreshold(
  scores: Float64Array,
  membership: Float64Array,
  options: { readonly significance: number; readonly delta: number },
): number {
  const candidates = [...new Set(scores)].sort((a, b) => a - b);
  // With perfectly separated halves every threshold between them is as good here; the middle one generalises best.
  let best: number[] = [];
  let bound = -1;
  candidates.slice(0, -1).forEach((low, i) => {
    const threshold = (low + candidates[i + 1]) / 2;
    const epsilon = clopperPearsonEpsilon(errorCounts(scores, membership, threshold), options);
    if (epsilon > bound) best = [];
    if (epsilon >= bound) best.push(threshold);
    bound = Math.max(bound, epsilon);
  });
  return best[Math.floor(best.length / 2)] ?? candidates[0];
}
