import { noiseLevels } from './label-queries/noise-robustness.js';
import type { MeasureKind, TargetMeasure } from './target-measure.js';

/** A backward pass is counted as two forward ones. */
const passes: Readonly<Record<MeasureKind, (params: TargetMeasure['params']) => number>> = {
  augmentationVotes: ({ queries }) => Number(queries),
  noiseRobustness: ({ draws }) => 1 + noiseLevels * Number(draws),
  boundaryDistance: ({ queries }) => Number(queries),
  gradientNorm: () => 3,
  lastLayerGradientNorm: () => 1,
  leverage: () => 1,
  lossTrace: () => 1,
  linearStatistics: () => 1,
};

/**
 * What a measure costs before it is taken, in forward passes of the target over one sample: an upper bound for those that
 * stop early.
 */
export function passesPerSample({ kind, params }: TargetMeasure): number {
  return passes[kind](params);
}
