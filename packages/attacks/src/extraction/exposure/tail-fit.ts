import { type KsTest, ksOneSample, type SkewNormal, skewNormalLogCdf } from '@engram/numeric';
import { fitSkewNormal } from './skew-normal-fit.js';

/** A skew-normal fitted to a template's references, and whether its tail may be used. */
export interface TailFit {
  readonly distribution: SkewNormal | null;
  readonly ks: KsTest | null;
  /** Largest disagreement with sampled exposure, in bits, where the references still resolve it. */
  readonly disagreementBits: number | null;
  readonly accepted: boolean;
  /** Why not, when not accepted. */
  readonly reason: string | null;
}

// A fit on fewer references says little of a tail.
const leastReferences = 200;
// Ranks below this make a sampled exposure too noisy to hold a fit to.
const leastComparedRank = 10;
const largestDisagreementBits = 1;
// With many references any smooth family is rejected; a distance this small is not what goes wrong in a tail.
const acceptedDistance = 0.02;

/**
 * Fits a template's references and decides whether the tail may be used.
 *
 * @param sorted (references) log-perplexities in bits, increasing.
 * @param enumerated the whole space was scored, so there is nothing to extrapolate.
 */
export function fitTail(sorted: Float64Array, enumerated: boolean): TailFit {
  const refused = (reason: string, rest: Partial<TailFit> = {}): TailFit => ({
    distribution: null,
    ks: null,
    disagreementBits: null,
    ...rest,
    accepted: false,
    reason,
  });
  if (enumerated) return refused('the whole space was scored');
  if (sorted.length < leastReferences)
    return refused(`expected at least ${leastReferences} references to fit a tail, got ${sorted.length}`);
  const distribution = fitSkewNormal(sorted);
  if (distribution === null) return refused('the references do not vary, or the fit did not settle');
  const ks = ksOneSample(sorted, (x) => Math.exp(skewNormalLogCdf(x, distribution)));
  const disagreementBits = disagreement(sorted, distribution);
  const fit = { distribution, ks, disagreementBits };
  if (ks.pValue < 0.01 && ks.statistic > acceptedDistance)
    return refused(`the references are ${ks.statistic.toFixed(3)} away from a skew-normal`, fit);
  if (disagreementBits > largestDisagreementBits)
    return refused(`the fit and the ranks of references disagree by ${disagreementBits.toFixed(2)} bits`, fit);
  return { ...fit, accepted: true, reason: null };
}

/** Largest |extrapolated - sampled| exposure over the references' own low ranks: 10, 20, 40, ... half of them. */
function disagreement(sorted: Float64Array, distribution: SkewNormal): number {
  let largest = 0;
  for (let rank = leastComparedRank; rank <= sorted.length / 2; rank *= 2) {
    const sampled = Math.log2((sorted.length + 1) / rank);
    const extrapolated = -skewNormalLogCdf(sorted[rank - 1], distribution) / Math.LN2;
    largest = Math.max(largest, Math.abs(extrapolated - sampled));
  }
  return largest;
}
