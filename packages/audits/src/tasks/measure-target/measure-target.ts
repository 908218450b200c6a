import type { MeasureKind, TargetMeasure } from '@engram/attacks';
import type { Json, TaskSpec } from '@engram/domain';
import { param, type TaskContext, type TaskResult } from '../context.js';
import { measureAugmentationVotes } from './augmentation-votes.js';
import { measureBoundaryDistance } from './boundary-distance.js';
import { measureGradientNorm, measureLastLayerGradientNorm } from './gradient-norm.js';
import { measureLeverage } from './leverage.js';
import { measureLinearStatistics } from './linear-statistics.js';
import { measureLossTrace } from './loss-trace.js';
import type { Measurement } from './measurement.js';
import { measureNoiseRobustness } from './noise-robustness.js';
import { measureTransferAttack } from './transfer-attack.js';

type MeasureFunction = (measure: TargetMeasure, task: TaskSpec, context: TaskContext) => Promise<Measurement>;

/** One function for every kind of measure. */
const measureFunctions: Readonly<Record<MeasureKind, MeasureFunction>> = {
  augmentationVotes: measureAugmentationVotes,
  noiseRobustness: measureNoiseRobustness,
  boundaryDistance: measureBoundaryDistance,
  transferAttack: measureTransferAttack,
  gradientNorm: measureGradientNorm,
  lastLayerGradientNorm: measureLastLayerGradientNorm,
  leverage: measureLeverage,
  lossTrace: measureLossTrace,
  linearStatistics: measureLinearStatistics,
};

/**
 * Asks the target one thing beyond a pass over the samples, of every row of the audit: the task's parameter `measure` says
 * what. Leaves `values`, and in its meta the measure and what asking it took. A reference model that was given is asked
 * in the target's place; of a group that was trained here (input `weights`) models come first.
 */
export async function measureTarget(task: TaskSpec, context: TaskContext): Promise<TaskResult> {
  const measure = param<TargetMeasure>(task, 'measure');
  const { values, meta } = await measureFunctions[measure.kind](measure, task, context);
  return {
    bundle: { arrays: { values }, meta: { ...meta, measure: measure as unknown as Json } },
    facts: { ...meta, measure: measure.kind },
  };
}
