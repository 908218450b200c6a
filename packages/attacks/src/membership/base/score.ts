import { logMeanProbability } from '../mean-probability.js';
import type { ReferenceSignals } from '../signals.js';

/**
 * BASE: log p_target less the log of the mean reference probability; offline, less 0.33 times that of the references
 * trained without the sample.
 *
 * @param lossNats (n) the target's loss.
 * @param reference losses of reference models.
 * @returns (n) nats; higher = more member-like. Online it equals RMIA's log r.
 * @see Lassila et al. 2025, "Practical Bayes-Optimal Membership Inference Attacks".
 */
export function baseScores(
  lossNats: Float64Array,
  reference: Pick<ReferenceSignals, 'models' | 'trainedOn' | 'loss'>,
  { mode, offlineScale }: { readonly mode: 'online' | 'offline'; readonly offlineScale: number },
): Float64Array {
  const logMean = logMeanProbability(reference, mode === 'online' ? 'all' : 'out');
  const scale = mode === 'online' ? 1 : offlineScale;
  return lossNats.map((value, i) => -value - scale * logMean[i]);
}
