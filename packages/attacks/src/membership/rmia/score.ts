import { logMeanProbability } from '../mean-probability.js';
import type { ReferenceSignals } from '../signals.js';
import { logTrimmedMeanProbability } from './trimmed-mean.js';

export interface RmiaParameters {
  readonly mode: 'online' | 'offline';
  readonly offlineA: number;
  /** Whether means over references leave out the largest and the smallest fifth; absent: they do not. */
  readonly trimmed?: boolean;
}

/**
 * log r(x) = log p_target(x) - log p(x). Online, p(x) is the mean over all references, those trained with the sample and
 * those without; offline, p(x) = ((1 + a) p_out(x) + 1 - a) / 2 with p_out the mean over those without.
 *
 * The paper's score, the share of population samples z with r(x) / r(z) >= gamma, is a non-decreasing step function of
 * r(x): with one query per sample and one population for all, population and gamma cannot change the ranking, only tie
 * it. So the ranking uses r itself, and `standingAmong` gives the paper's number.
 *
 * @param lossNats (n) the target's loss.
 * @param reference losses of reference models.
 * @returns (n) nats; higher = more member-like.
 * @see Zarifzadeh et al. 2024, equations 2 and 10. The authors' runs trim the means; here they are not unless asked.
 */
export function rmiaScores(
  lossNats: Float64Array,
  reference: Pick<ReferenceSignals, 'models' | 'trainedOn' | 'loss'>,
  { mode, offlineA, trimmed = false }: RmiaParameters,
): Float64Array {
  const side = mode === 'online' ? 'all' : 'out';
  const logMean = trimmed ? logTrimmedMeanProbability(reference, side) : logMeanProbability(reference, side);
  if (mode === 'online') return lossNats.map((value, i) => -value - logMean[i]);
  return lossNats.map((value, i) => -value - offlineLogMarginal(logMean[i], offlineA));
}

/** log of ((1 + a) e^logOut + 1 - a) / 2, without leaving log space: p_out may underflow when a = 1. */
function offlineLogMarginal(logOut: number, a: number): number {
  const shared = Math.log1p(a) + logOut;
  if (a === 1) return shared - Math.LN2;
  const floor = Math.log1p(-a);
  const top = Math.max(shared, floor);
  return top + Math.log(Math.exp(shared - top) + Math.exp(floor - top)) - Math.LN2;
}
