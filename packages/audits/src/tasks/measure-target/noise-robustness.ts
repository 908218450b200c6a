import { type InputRange, noiseRobustness, type TargetMeasure } from '@engram/attacks';
import type { TaskSpec } from '@engram/domain';
import type { TaskContext } from '../context.js';
import { inputRangeOf } from './input-range.js';
import { measureByLabels } from './label-target.js';
import type { Measurement } from './measurement.js';

/** The noise each sample's label survives. */
export function measureNoiseRobustness(
  measure: TargetMeasure,
  task: TaskSpec,
  context: TaskContext,
): Promise<Measurement> {
  const { draws, inputRange } = measure.params as unknown as { draws: number; inputRange: InputRange | null };
  return measureByLabels(measure, context, async ({ oracle, rows }) => {
    const range = inputRangeOf(rows, inputRange);
    return (samples) => noiseRobustness(samples, oracle, { draws, range, seed: task.seed });
  });
}
