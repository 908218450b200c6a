import { type Measured, notMeasured } from '@engram/domain';
import { mean, normalQuantile, sigmoid, variance } from '@engram/numeric';
import { bootstrapInterval } from '../resampling/bootstrap.js';
import type { Sides } from '../scored-samples.js';
import { placements } from './placements.js';
import { sharesBelow, sortedSides } from './sorted-sides.js';

export interface AucOptions {
  /** Two-sided confidence of the interval, a fraction. */
  readonly confidence?: number;
  /** Seed of the bootstrap, which only small audits need. */
  readonly seed?: number;
}

// Below this many samples on either side the normal approximation behind DeLong's interval is not trusted.
const fewestForDelong = 50;
const bootstrapDraws = 2000;

/**
 * Area under the ROC curve: the chance that a random member scores above a random non-member, ties counted half.
 *
 * The interval is DeLong's on the logit scale; below 50 samples on either side a stratified BCa bootstrap of 2,000
 * draws. At 0 or 1, where both collapse to a point, it is the exact bound from pairs that share no sample.
 *
 * @param scores (n) without NaN; higher = more member-like.
 * @param membership (n) 1 = member, 0 = non-member.
 * @param options `confidence` 0.95, `seed` 0.
 * @returns in [0, 1]; 0.5 = the attack knows nothing, 1 = every member above every non-member. Not measured with
 *   ENG_ONE_CLASS_ONLY, or ENG_INSUFFICIENT_SAMPLES with fewer than two on a side.
 * @throws ENG_SHAPE_MISMATCH, ENG_VALUES_NOT_FINITE, ENG_LABEL_OUT_OF_RANGE as `countSides`.
 * @see DeLong, DeLong and Clarke-Pearson 1988, "Comparing the areas under two or more correlated ROC curves".
 */
export function auc(scores: ArrayLike<number>, membership: ArrayLike<number>, options: AucOptions = {}): Measured {
  const sorted = sortedSides(scores, membership);
  const sides = { members: sorted.members.length, nonMembers: sorted.nonMembers.length };
  const refusal = refuseSides(sides);
  if (refusal !== undefined) return refusal;
  const confidence = options.confidence ?? 0.95;
  const placed = {
    ofMembers: sharesBelow(sorted.members, sorted.nonMembers),
    ofNonMembers: sharesBelow(sorted.nonMembers, sorted.members).map((share) => 1 - share),
  };
  const value = mean(placed.ofMembers);
  const n = scores.length;
  if (value <= 0 || value >= 1) {
    return {
      status: 'measured',
      value,
      ...separatedInterval(value, sides, confidence),
      confidence,
      n,
      method: 'exact',
    };
  }
  const spread = aucStandardError(placed);
  if (spread > 0 && Math.min(sides.members, sides.nonMembers) < fewestForDelong) {
    return bootstrapInterval({
      units: n,
      strata: membership,
      statistic: (rows) => aucOfRows(scores, membership, rows),
      draws: bootstrapDraws,
      seed: options.seed ?? 0,
      confidence,
      method: 'bca',
    });
  }
  // Scores that are all tied show no spread of their own; they get that of scores that know nothing.
  const error = spread > 0 ? spread : nullStandardError(sides);
  const half = (normalQuantile((1 + confidence) / 2) * error) / (value * (1 - value));
  const logit = Math.log(value / (1 - value));
  return {
    status: 'measured',
    value,
    low: sigmoid(logit - half),
    high: sigmoid(logit + half),
    confidence,
    n,
    method: 'delong',
  };
}

/**
 * DeLong's standard error of the AUC: sqrt(var(V10) / members + var(V01) / nonMembers), variances unbiased.
 *
 * @param placed from `placements`, at least two on each side.
 * @returns standard error; 0 when all scores are tied or the sides do not overlap.
 */
export function aucStandardError(placed: {
  readonly ofMembers: Float64Array;
  readonly ofNonMembers: Float64Array;
}): number {
  return Math.sqrt(
    variance(placed.ofMembers) / placed.ofMembers.length + variance(placed.ofNonMembers) / placed.ofNonMembers.length,
  );
}

/** Standard error of the AUC when scores know nothing and no two are tied: it depends on the counts alone. */
export function nullStandardError(sides: Sides): number {
  return Math.sqrt((sides.members + sides.nonMembers + 1) / (12 * sides.members * sides.nonMembers));
}

export function refuseSides(sides: Sides): Measured | undefined {
  const { members, nonMembers } = sides;
  if (members + nonMembers === 0) return notMeasured('ENG_INSUFFICIENT_SAMPLES', 'no scored samples');
  const counts = `${members} members and ${nonMembers} non-members`;
  if (members === 0 || nonMembers === 0) {
    return notMeasured('ENG_ONE_CLASS_ONLY', `needs members and non-members, got ${counts}`);
  }
  if (members < 2 || nonMembers < 2) {
    return notMeasured('ENG_INSUFFICIENT_SAMPLES', `needs at least two samples on each side, got ${counts}`);
  }
  return undefined;
}

/** min(members, nonMembers) disjoint pairs all agree: by Clopper-Pearson the chance that a pair does is at least this. */
function separatedInterval(value: number, sides: Sides, confidence: number): { low: number; high: number } {
  const bound = ((1 - confidence) / 2) ** (1 / Math.min(sides.members, sides.nonMembers));
  return value >= 1 ? { low: bound, high: 1 } : { low: 0, high: 1 - bound };
}

function aucOfRows(scores: ArrayLike<number>, membership: ArrayLike<number>, rows: Int32Array): number {
  const drawnScores = Float64Array.from(rows, (row) => scores[row]!);
  const drawnMembership = Uint8Array.from(rows, (row) => membership[row]!);
  return mean(placements(drawnScores, drawnMembership).ofMembers);
}
