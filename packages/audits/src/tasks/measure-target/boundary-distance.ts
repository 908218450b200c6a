import { boundaryDistances, boundaryStarts, type InputRange, type TargetMeasure } from '@engram/attacks';
import type { TaskSpec } from '@engram/domain';
import type { TaskContext } from '../context.js';
import { inputRangeOf } from './input-range.js';
import { type LabelTarget, measureByLabels } from './label-target.js';
import type { Measurement } from './measurement.js';

/** Rows of the audit that walks to the boundary may start from, beside points of noise. */
const startingRows = 64;

/** How far each sample lies from the decision boundary. */
export function measureBoundaryDistance(
  measure: TargetMeasure,
  task: TaskSpec,
  context: TaskContext,
): Promise<Measurement> {
  const { queries, inputRange } = measure.params as unknown as {
    queries: number;
    inputRange: InputRange | null;
  };
  return measureByLabels(measure, context, async (target) => {
    const range = inputRangeOf(target.rows, inputRange);
    const starts = await boundaryStarts(await someRows(target), range, target.oracle, task.seed);
    const settings = { queries, range, starts, seed: task.seed };
    return (samples) => boundaryDistances(samples, target.oracle, settings);
  });
}

/** Evenly spaced over all rows, so that both sides and every class in order of rows are among them. */
async function someRows({ rows, inputOf }: LabelTarget): Promise<Float32Array> {
  const count = Math.min(startingRows, rows.count);
  const taken: Float32Array[] = [];
  for (let k = 0; k < count; k += 1) taken.push(await inputOf(Math.floor((k * rows.count) / count)));
  const width = taken[0].length;
  const all = new Float32Array(count * width);
  taken.forEach((row, k) => {
    all.set(row, k * width);
  });
  return all;
}
