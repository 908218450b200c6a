import { noiseLevels } from './label-queries/noise-robustness.js';
import { mostSurrogates } from './label-queries/surrogate-models.js';
import type { MeasureKind, TargetMeasure } from './target-measure.js';

/** A backward pass is counted as two forward ones. */
const passes: Readonly<Record<MeasureKind, (params: TargetMeasure['params']) => number>> = {
  augmentationVotes: ({ queries }) => Number(queries),
  noiseRobustness: ({ draws }) => 1 + noiseLevels * Number(draws),
  boundaryDistance: ({ queries }) => Number(queries),
  // Nearly all of them of reference models, which are as large as the target where they are trained here.
  transferAttack: ({ steps }) => 3 * mostSurrogates * (1 + Number(steps)),
  gradientNorm: () => 3,
  lastLayerGradientNorm: () => 1,
  leverage: () => 1,
  lossTrace: () => 1,
  linearStatistics: () => 1,
};

/**
 * What a measure costs before it is taken, in forward passes over one sample, of the target or models like it: an upper bound for those that
 * stop early.
 */
export function passesPerSample({ kind, params }: TargetMeasure): number {
  return passes[kind](params);
}
