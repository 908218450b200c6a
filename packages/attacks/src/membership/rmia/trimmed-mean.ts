import { logSumExp } from '@engram/numeric';
import type { ReferenceSignals } from '../signals.js';

/** Left out at each end of the models on one side of a sample, rounded down. */
const trimmedShare = 0.2;

/**
 * log of the mean probability of the truth over reference models, without the fifth that finds it least likely and the
 * fifth that finds it most likely. Of `all` models those trained with the sample and those trained without are trimmed by
 * themselves, and the result is the mean of the two means; where one side has none, that of the other.
 *
 * @param reference losses (models, n) in nats.
 * @returns (n) nats, at most 0 for true losses; NaN where no model is on that side.
 * @see Zarifzadeh et al. 2024, whose runs take the 20 % trimmed mean of each side. Below five models on a side nothing is
 *   left out.
 */
export function logTrimmedMeanProbability(
  { models, trainedOn, loss }: Pick<ReferenceSignals, 'models' | 'trainedOn' | 'loss'>,
  side: 'all' | 'out',
): Float64Array {
  const n = loss.length / models;
  return Float64Array.from({ length: n }, (_, i) => {
    const lossesOf = (mark: 0 | 1) =>
      Float64Array.from({ length: models }, (_, k) => (trainedOn[k * n + i] === mark ? loss[k * n + i] : Number.NaN))
        .filter((nats) => !Number.isNaN(nats))
        .sort();
    const sides = (side === 'all' ? [lossesOf(1), lossesOf(0)] : [lossesOf(0)]).filter(({ length }) => length > 0);
    if (sides.length === 0) return Number.NaN;
    return logSumExp(Float64Array.from(sides, logMeanWithin)) - Math.log(sides.length);
  });
}

/** @param sorted losses in increasing order. */
function logMeanWithin(sorted: Float64Array): number {
  const cut = Math.floor(trimmedShare * sorted.length);
  const kept = sorted.subarray(cut, sorted.length - cut);
  return logSumExp(kept.map((nats) => -nats)) - Math.log(kept.length);
}
