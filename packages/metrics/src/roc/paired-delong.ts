import { EngramError, type Measured } from '@engram/domain';
import { mean, normalCdf, normalQuantile, variance } from '@engram/numeric';
import { countSides } from '../scored-samples.js';
import { nullStandardError, refuseSides } from './auc.js';
import { placements } from './placements.js';

export interface PairedDelong {
  /** AUC of the first scores less that of the second, with its interval. */
  readonly difference: Measured;
  /** Against "the AUCs are equal". */
  readonly pValueTwoSided: number;
  /** Against "the first AUC is not larger than the second": small = the first is better. */
  readonly pValueGreater: number;
}

/**
 * Compares the AUCs of two scores of the same samples, by DeLong's test for correlated curves.
 *
 * @param first (n) scores without NaN; higher = more member-like.
 * @param second (n) scores of the same samples.
 * @param membership (n) 1 = member, 0 = non-member.
 * @param confidence two-sided, of the difference's interval.
 * @returns the difference and p-values; p-values are 1 when the difference is not measured.
 * @throws ENG_SHAPE_MISMATCH, ENG_VALUES_NOT_FINITE, ENG_LABEL_OUT_OF_RANGE as `countSides`.
 * @see DeLong, DeLong and Clarke-Pearson 1988.
 */
export function pairedDelong(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  membership: ArrayLike<number>,
  confidence = 0.95,
): PairedDelong {
  if (first.length !== second.length) {
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected two scores of the same samples, got ${first.length} and ${second.length}`,
    );
  }
  const sides = countSides(first, membership);
  const refusal = refuseSides(sides);
  if (refusal !== undefined) return { difference: refusal, pValueTwoSided: 1, pValueGreater: 1 };
  const a = placements(first, membership);
  const b = placements(second, membership);
  const value = mean(a.ofMembers) - mean(b.ofMembers);
  const spread = Math.sqrt(
    variance(a.ofMembers.map((share, i) => share - b.ofMembers[i]!)) / sides.members +
      variance(a.ofNonMembers.map((share, i) => share - b.ofNonMembers[i]!)) / sides.nonMembers,
  );
  // Two curves that differ by a constant (one perfect, one all ties) leave no spread to judge by.
  const scale = spread > 0 || value === 0 ? spread : nullStandardError(sides);
  const z = value === 0 ? 0 : value / scale;
  const half = normalQuantile((1 + confidence) / 2) * scale;
  return {
    difference: {
      status: 'measured',
      value,
      low: Math.max(-1, value - half),
      high: Math.min(1, value + half),
      confidence,
      n: first.length,
      method: 'delong',
    },
    pValueTwoSided: Math.min(1, 2 * normalCdf(-Math.abs(z))),
    pValueGreater: normalCdf(-z),
  };
}
