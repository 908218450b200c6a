import { type Measured, notMeasured } from '@engram/domain';
import { clopperPearson } from '../rates/clopper-pearson.js';
import type { FlaggedCount } from '../rates/fisher-exact.js';

/**
 * Share of flagged samples that are members, when a sample is a member with chance `prior`.
 *
 * @param tpr fraction in [0, 1].
 * @param fpr fraction in [0, 1].
 * @param prior fraction in [0, 1].
 * @returns precision in [0, 1]; NaN when nothing is ever flagged.
 */
export function precisionAtPrior(tpr: number, fpr: number, prior: number): number {
  return (prior * tpr) / (prior * tpr + (1 - prior) * fpr);
}

/**
 * Precision (positive predictive value) at a threshold, with a conservative interval: each rate gets a Clopper-Pearson
 * interval at confidence 1 - (1 - confidence) / 2, so both hold together at `confidence` (Bonferroni), and precision is
 * taken at the worst and the best corner of the two.
 *
 * @param members flagged members, of all members.
 * @param nonMembers flagged non-members, of all non-members.
 * @param prior share of members among the samples an attacker tries, in (0, 1).
 * @param confidence two-sided, of the interval.
 * @returns in [0, 1]; higher = accusations are more often right. n counts both sides. Not measured when nothing is flagged,
 *   or a side is empty.
 * @throws ENG_SHAPE_MISMATCH a count is not in [0, n].
 */
export function precision(members: FlaggedCount, nonMembers: FlaggedCount, prior: number, confidence = 0.95): Measured {
  const each = 1 - (1 - confidence) / 2;
  const tpr = clopperPearson(members.count, members.n, each);
  const fpr = clopperPearson(nonMembers.count, nonMembers.n, each);
  if (tpr.status === 'notMeasured') return tpr;
  if (fpr.status === 'notMeasured') return fpr;
  if (members.count + nonMembers.count === 0)
    return notMeasured('ENG_INSUFFICIENT_SAMPLES', 'nothing is flagged, so there are no accusations to be right about');
  return {
    status: 'measured',
    value: precisionAtPrior(tpr.value, fpr.value, prior),
    low: precisionAtPrior(tpr.low, fpr.high, prior),
    // With no false positive the best corner is certainty, even where the best true positive rate is 0.
    high: fpr.low === 0 ? 1 : precisionAtPrior(tpr.high, fpr.low, prior),
    confidence,
    n: members.n + nonMembers.n,
    method: 'clopperPearson',
  };
}
