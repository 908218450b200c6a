import { earlyLearningEpoch, labelNoiseMemorization } from '@engram/attacks';
import type { EarlyLearning } from '@engram/contract';
import { type Bundle, EngramError, type Measured } from '@engram/domain';
import { clopperPearson } from '@engram/metrics';
import { mean } from '@engram/numeric';
import { meanInterval } from '../difficulty/mean-interval.js';
import { medianOverRuns } from './median-over-runs.js';

/**
 * The early-learning curve over runs, from what `train-label-noise` left.
 *
 * @param trained arrays `curve.trueLabel`, `curve.flippedLabel`, `curve.clean`, `curve.heldOut` (runs, epochs), shares.
 */
export function earlyLearningSection({ arrays, meta }: Bundle, confidence: number): EarlyLearning {
  const [runs, epochs] = arrays['curve.trueLabel'].shape;
  const chance = 1 / Number(meta.classes);
  const [members, nonMembers, flipped] = [meta.members, meta.nonMembers, meta.flipped].map(Number);
  const ofRun = (name: string, run: number) =>
    Float64Array.from(arrays[`curve.${name}`].data.subarray(run * epochs, (run + 1) * epochs));
  const perRun = <T>(of: (run: number) => T) => Array.from({ length: runs }, (_, run) => of(run));
  const points = perRun((run) => earlyLearningEpoch({ trueLabel: ofRun('trueLabel', run) }));
  const byEpoch = (name: string, n: number) => {
    const found = Array.from({ length: epochs }, (_, epoch) => {
      const rate = mean(perRun((run) => arrays[`curve.${name}`].data[run * epochs + epoch]));
      return shown(clopperPearson(Math.round(rate * n), n, confidence), rate);
    });
    return {
      value: found.map(({ value }) => value),
      low: found.map(({ low }) => low),
      high: found.map(({ high }) => high),
    };
  };
  return {
    runs,
    epochs: Array.from({ length: epochs }, (_, epoch) => epoch + 1),
    trueLabel: byEpoch('trueLabel', flipped),
    flippedLabel: byEpoch('flippedLabel', flipped),
    clean: byEpoch('clean', members - flipped),
    heldOut: byEpoch('heldOut', nonMembers),
    point: medianOverRuns(points.map((point) => point + 1)),
    pointPerRun: points.map((point) => point + 1),
    riseAfterPoint: within(
      meanInterval(
        perRun((run) => {
          const share = ofRun('flippedLabel', run);
          return share[epochs - 1] - share[points[run]];
        }),
        confidence,
      ),
      [-1, 1],
    ),
    chance,
    labelNoiseMemorization: within(
      meanInterval(
        perRun((run) => labelNoiseMemorization({ flippedLabel: ofRun('flippedLabel', run) }, chance)),
        confidence,
      ),
      [-chance, 1 - chance],
    ),
  };
}

/** A mean of few runs has an interval that knows nothing of what is possible; what is impossible is left out of it. */
function within(measured: Measured, [least, largest]: readonly [number, number]): Measured {
  if (measured.status !== 'measured') return measured;
  return { ...measured, low: Math.max(least, measured.low), high: Math.min(largest, measured.high) };
}

/** The mean over runs, which rounding to a count of one run may have moved, inside its interval. */
function shown(
  measured: Measured,
  value: number,
): { readonly value: number; readonly low: number; readonly high: number } {
  if (measured.status !== 'measured')
    throw new EngramError('ENG_INTERNAL', `a share after an epoch was not measured: ${measured.reason}`);
  return { value, low: Math.min(value, measured.low), high: Math.max(value, measured.high) };
}
