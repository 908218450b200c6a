import { EngramError } from '@engram/domain';

/**
 * Fewest non-members that can certify a false positive rate of at most `fpr`: with that many and none flagged, the
 * exact upper bound meets it. n >= log(1 - confidence) / log(1 - fpr).
 *
 * @param fpr fraction in (0, 1); 0.001 means one in a thousand.
 * @param confidence one-sided, a fraction.
 * @returns a count: 299 for 1 %, 2,995 for 0.1 %, 29,956 for 0.01 % at 95 %.
 * @throws ENG_REQUEST_INVALID fpr is not between 0 and 1.
 */
export function minimumNonMembers(fpr: number, confidence = 0.95): number {
  checkFpr(fpr);
  return Math.ceil(Math.log1p(-confidence) / Math.log1p(-fpr));
}

/**
 * Fewest non-members from which a true positive rate at `fpr` is estimated without a flag: ten expected false
 * positives.
 *
 * @param fpr fraction in (0, 1).
 * @returns a count: 1,000 for 1 %, 10,000 for 0.1 %.
 * @throws ENG_REQUEST_INVALID fpr is not between 0 and 1.
 */
export function adequateNonMembers(fpr: number): number {
  checkFpr(fpr);
  // A quotient that should be whole may come out a rounding above it.
  return Math.ceil(10 / fpr - 1e-9);
}

function checkFpr(fpr: number): void {
  if (!(fpr > 0 && fpr < 1)) {
    throw new EngramError('ENG_REQUEST_INVALID', `expected a false positive rate between 0 and 1, got ${fpr}`);
  }
}
