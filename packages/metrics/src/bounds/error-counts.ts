import { EngramError } from '@engram/domain';
import { checkCount, clopperPearsonOneSided } from '../rates/clopper-pearson.js';
import { countSides } from '../scored-samples.js';

/** Outcomes of one binary test over independent trials: models trained with the canary, and models trained without. */
export interface ErrorCounts {
  /** Trials with the canary that were called without. */
  readonly falseNegatives: number;
  readonly positives: number;
  /** Trials without the canary that were called with. */
  readonly falsePositives: number;
  readonly negatives: number;
}

/** Both error rates at once, each at most this with the stated confidence together. */
export interface ErrorBounds {
  readonly falseNegativeRate: number;
  readonly falsePositiveRate: number;
}

/**
 * Counts errors of the rule "trained with the canary when the score exceeds the threshold".
 *
 * @param scores (n) without NaN; higher = more surely trained with it.
 * @param membership (n) 1 = trained with it.
 * @param threshold fixed before the scores were seen, or chosen on other trials.
 * @throws as `countSides`.
 */
export function errorCounts(scores: ArrayLike<number>, membership: ArrayLike<number>, threshold: number): ErrorCounts {
  const { members, nonMembers } = countSides(scores, membership);
  let falseNegatives = 0;
  let falsePositives = 0;
  for (let i = 0; i < scores.length; i += 1) {
    const called = scores[i] > threshold;
    if (membership[i] === 1 && !called) falseNegatives += 1;
    if (membership[i] === 0 && called) falsePositives += 1;
  }
  return { falseNegatives, positives: members, falsePositives, negatives: nonMembers };
}

/**
 * Upper bounds on both error rates that hold together: Clopper-Pearson at half the significance each.
 *
 * @param significance total, a fraction in (0, 1).
 * @throws ENG_INSUFFICIENT_SAMPLES a side has no trials. ENG_SHAPE_MISMATCH a count is not in its range.
 */
export function errorBounds(counts: ErrorCounts, significance: number): ErrorBounds {
  const { falseNegatives, positives, falsePositives, negatives } = counts;
  checkCount(falseNegatives, positives);
  checkCount(falsePositives, negatives);
  if (positives === 0 || negatives === 0)
    throw new EngramError(
      'ENG_INSUFFICIENT_SAMPLES',
      `expected trials with and without the canary, got ${positives} with and ${negatives} without`,
    );
  const confidence = 1 - significance / 2;
  return {
    falseNegativeRate: clopperPearsonOneSided(falseNegatives, positives, 'upper', confidence),
    falsePositiveRate: clopperPearsonOneSided(falsePositives, negatives, 'upper', confidence),
  };
}
