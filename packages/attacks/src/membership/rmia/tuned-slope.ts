import { asEngramError } from '@engram/domain';
import { ranks } from '@engram/numeric';
import { leaveOneOut } from '../leave-one-out.js';
import type { ReferenceSignals } from '../signals.js';
import { standIns } from '../stand-ins.js';
import { type RmiaParameters, rmiaScores } from './score.js';

const slopes = Array.from({ length: 11 }, (_, tenth) => tenth / 10);

/** The authors' for CIFAR-10; what is used where nothing tells better. */
export const usualSlope = 0.3;

/**
 * The slope a of p_in = a p_out + 1 - a by which offline RMIA tells best what reference models were trained on, each in
 * the target's place: of 0, 0.1, … 1 the one with the greatest mean AUC, the least of equals. The audited samples'
 * membership has no say.
 *
 * @param reference with masks; a model can stand in where every sample is out of one that is left.
 * @param trimmed whether means over references are trimmed, as when the slope is used.
 * @param seed decides which models stand in, where there are more than eight.
 * @returns a in [0, 1]; 0.3 where no model can stand in, as with two models, or with models trained on none of the samples.
 * @see Zarifzadeh et al. 2024, on choosing a with a reference model treated as the target.
 */
export function tunedSlope(
  reference: Pick<ReferenceSignals, 'models' | 'trainedOn' | 'loss'>,
  seed: number,
  trimmed = false,
): number {
  const sums = new Float64Array(slopes.length);
  for (const model of standIns(reference, seed)) {
    slopes.forEach((offlineA, at) => {
      sums[at] += aucInPlace(reference, model, { mode: 'offline', offlineA, trimmed });
    });
  }
  const best = Math.max(...sums);
  return best > 0 ? slopes[sums.indexOf(best)] : usualSlope;
}

/** AUC of offline RMIA on a reference in the target's place; 0 for one that cannot stand there. */
function aucInPlace(
  { models, trainedOn, loss }: Pick<ReferenceSignals, 'models' | 'trainedOn' | 'loss'>,
  model: number,
  params: RmiaParameters,
): number {
  try {
    const { signals, membership } = leaveOneOut({ models, trainedOn, loss }, model);
    const scores = rmiaScores(signals.target.loss!, signals.reference!, params);
    const members = membership.reduce((sum, mark) => sum + mark, 0);
    const outside = membership.length - members;
    if (members === 0 || outside === 0 || scores.some(Number.isNaN)) return 0;
    const sum = ranks(scores).reduce((total, rank, i) => total + membership[i] * rank, 0);
    return (sum - (members * (members + 1)) / 2) / (members * outside);
  } catch (error) {
    if (asEngramError(error).family !== 'notApplicable') throw error;
    return 0;
  }
}
