import { median } from '@engram/numeric';

/**
 * Losses with the median of the known ones where there is none: neither sign of membership.
 *
 * @param losses (n) NaN = none.
 * @returns (n) finite; 0 everywhere when nothing is known.
 */
export function withMedianForMissing(losses: Float64Array): Float64Array {
  const known = losses.filter((loss) => !Number.isNaN(loss));
  if (known.length === losses.length) return losses;
  const middle = known.length === 0 ? 0 : median(known);
  return losses.map((loss) => (Number.isNaN(loss) ? middle : loss));
}
