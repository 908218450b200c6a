import { countAtMost } from '../../count-at-most.js';
import { logMeanProbability } from '../mean-probability.js';
import type { PopulationSignals, ReferenceSignals } from '../signals.js';

export interface RmiaParameters {
  readonly mode: 'online' | 'offline';
  readonly offlineA: number;
}

/**
 * log r(x) = log p_target(x) - log p(x). Online, p(x) is the mean over all references, those trained with the sample and
 * those without; offline, p(x) = ((1 + a) p_out(x) + 1 - a) / 2 with p_out the mean over those without.
 *
 * The paper's score, the share of population samples z with r(x) / r(z) >= gamma, is a non-decreasing step function of
 * r(x): with one query per sample and one population for all, population and gamma cannot change the ranking, only tie
 * it. So the ranking uses r itself, and `rmiaPopulationShare` gives the paper's number.
 *
 * @param lossNats (n) the target's loss.
 * @param reference losses of reference models.
 * @returns (n) nats; higher = more member-like.
 * @see Zarifzadeh et al. 2024, equations 2 and 10. Plain softmax probabilities, untrimmed mean.
 */
export function rmiaScores(
  lossNats: Float64Array,
  reference: Pick<ReferenceSignals, 'models' | 'trainedOn' | 'loss'>,
  { mode, offlineA }: RmiaParameters,
): Float64Array {
  const logMean = logMeanProbability(reference, mode === 'online' ? 'all' : 'out');
  if (mode === 'online') return lossNats.map((value, i) => -value - logMean[i]);
  return lossNats.map((value, i) => -value - offlineLogMarginal(logMean[i], offlineA));
}

/**
 * The paper's score: the share of population samples whose ratio r(z) the sample's r(x) exceeds gamma times.
 *
 * @param lossNats (n) the target's loss.
 * @param reference losses of reference models on the samples.
 * @param population their losses and the target's on the population, which must hold none of the target's training data.
 * @returns (n) in [0, 1]; higher = more member-like; 1 less this is the sample's p-value against the population.
 * @see Zarifzadeh et al. 2024, equation 3.
 */
export function rmiaPopulationShare(
  lossNats: Float64Array,
  reference: Pick<ReferenceSignals, 'models' | 'trainedOn' | 'loss'>,
  population: PopulationSignals,
  params: RmiaParameters & { readonly gamma: number },
): Float64Array {
  const { targetLoss, referenceLoss, trainedOn } = population;
  const outsiders = {
    models: reference.models,
    trainedOn: trainedOn ?? new Uint8Array(referenceLoss.length),
    loss: referenceLoss,
  };
  const ofPopulation = rmiaScores(targetLoss, outsiders, params).sort();
  const logGamma = Math.log(params.gamma);
  return rmiaScores(lossNats, reference, params).map(
    (score) => countAtMost(ofPopulation, score - logGamma) / ofPopulation.length,
  );
}

/** log of ((1 + a) e^logOut + 1 - a) / 2, without leaving log space: p_out may underflow when a = 1. */
function offlineLogMarginal(logOut: number, a: number): number {
  const shared = Math.log1p(a) + logOut;
  if (a === 1) return shared - Math.LN2;
  const floor = Math.log1p(-a);
  const top = Math.max(shared, floor);
  return top + Math.log(Math.exp(shared - top) + Math.exp(floor - top)) - Math.LN2;
}
