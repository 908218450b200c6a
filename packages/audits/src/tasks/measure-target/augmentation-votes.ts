import { type AugmentationSettings, augmentationVotes, type TargetMeasure } from '@engram/attacks';
import { EngramError, type TaskSpec } from '@engram/domain';
import { imageLayout } from '@engram/numeric';
import type { TaskContext } from '../context.js';
import { measureByLabels } from './label-target.js';
import type { Measurement } from './measurement.js';

/** Views of each image that keep its label. */
export function measureAugmentationVotes(
  measure: TargetMeasure,
  _task: TaskSpec,
  context: TaskContext,
): Promise<Measurement> {
  return measureByLabels(measure, context, async ({ oracle }) => {
    const layout = imageLayout(oracle.rowShape);
    if (layout === undefined) throw new EngramError('ENG_INTERNAL', `rows of [${oracle.rowShape}] are not images`);
    const settings = measure.params as unknown as AugmentationSettings;
    return (samples) => augmentationVotes(samples, layout, oracle, settings);
  });
}
