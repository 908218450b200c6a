import type { MembershipReport } from '@engram/contract';
import {
  clopperPearsonOneSided,
  fisherExactGreater,
  minimumNonMembers,
  nullStandardError,
  rankBeyond,
} from '@engram/metrics';
import { normalQuantile } from '@engram/numeric';

/** An AUC whose whole interval stays below this is too small to call a leak of any practical size. */
export const negligibleAuc = 0.55;
/** True positives below so many times the false positive rate are too few to call one. */
export const negligibleRatio = 10;
/** Classifiers of the blind baseline, each with an AUC of its own. */
export const blindClassifierCount = 4;

const mostPerSide = 10_000_000;

interface Question {
  readonly confidence: number;
  /** Attacks whose AUC is judged; the first was named beforehand. */
  readonly attacks: number;
  /** False positive rates judged of each. */
  readonly rates: readonly number[];
}

/**
 * Samples on each side at which a verdict hardly stays inconclusive, whatever the truth.
 *
 * For the AUC: the critical value it must exceed to be above chance (of the last attack by Holm's correction) and the
 * half-width below 0.55, both in null standard errors sqrt((2n + 1) / 12) / n, together fit between 0.5 and 0.55: every
 * AUC then lies past one of the two. For a rate: every count of true positives is either significant by the exact test or
 * leaves the height of the ROC below ten times the rate, members being no denser than non-members between the threshold and
 * the rank where that height is bounded.
 */
export function samplesToSettle({
  confidence,
  attacks,
  rates,
}: Question): NonNullable<MembershipReport['samplesToSettle']> {
  const level = 1 - confidence;
  const twoSided = normalQuantile(1 - level / 2);
  const detection = attacks === 1 ? twoSided : normalQuantile(1 - level / 4 / (attacks - 1));
  const room = negligibleAuc - 0.5;
  const forAuc = leastPerSide(
    2,
    (n) => (twoSided + detection) * nullStandardError({ members: n, nonMembers: n }) <= room,
  );
  const tests = attacks * rates.length;
  const forRates = rates
    // Ten times a rate of a tenth is everything: nothing to rule out.
    .filter((fpr) => negligibleRatio * fpr < 1)
    .map((fpr) => leastPerSide(minimumNonMembers(fpr), (n) => rateSettles(n, fpr, level, tests)));
  const perSide = roundedUp(Math.max(forAuc, ...forRates));
  return {
    perSide,
    rule: `The smallest number on each side at which an AUC must lie ${detection.toFixed(2)} null standard errors above 0.5 or ${twoSided.toFixed(2)} below ${negligibleAuc}${
      forRates.length === 0
        ? ''
        : `, and every count of true positives is either significant or rules out ${negligibleRatio} times its false positive rate`
    }.`,
  };
}

function rateSettles(n: number, fpr: number, level: number, tests: number): boolean {
  const allowed = Math.floor(fpr * n + 1e-9);
  const beyond = Math.max(0, rankBeyond(n, fpr, level / 4) - 1 - allowed);
  const upper = (count: number) => clopperPearsonOneSided(Math.min(n, count + beyond), n, 'upper', 1 - level / 4);
  // The largest count that rules out ten times the rate; one more must be significant.
  let low = -1;
  let high = n;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (upper(middle) < negligibleRatio * fpr) low = middle;
    else high = middle - 1;
  }
  if (low < 0) return false;
  const pValue = fisherExactGreater({ count: low + 1, n }, { count: allowed, n });
  return pValue * tests <= level / 4;
}

/** The least n from `from` on for which it holds, taken to hold from there on. */
function leastPerSide(from: number, holds: (n: number) => boolean): number {
  let high = from;
  while (!holds(high) && high < mostPerSide) high *= 2;
  let low = Math.max(from, Math.floor(high / 2));
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

/** To two digits, upwards: more would pretend to know. */
function roundedUp(n: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(n)) - 1);
  return Math.ceil(n / step) * step;
}
