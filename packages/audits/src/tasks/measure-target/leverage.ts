import { confidenceDrops, type TargetMeasure } from '@engram/attacks';
import type { TaskSpec } from '@engram/domain';
import { openAuditRows, rowsWhere, vector } from '../audit-rows.js';
import type { TaskContext } from '../context.js';
import { readLastLayer } from './last-layer-target.js';
import type { Measurement } from './measurement.js';

/** Of the task's progress, what reading the layer takes. */
const readingShare = 0.2;

/**
 * How far leaving each sample out of training would lower the confidence in its label, or of a regression move its
 * prediction away from the target. All rows enter the curvature alike; of membership only the number of members is used.
 */
export async function measureLeverage(
  _measure: TargetMeasure,
  _task: TaskSpec,
  context: TaskContext,
): Promise<Measurement> {
  const rows = await openAuditRows(context);
  const layer = await readLastLayer(rows, context, readingShare);
  context.progress(readingShare, 'the curvature of the last layer');
  const { values, dimension, penalty, method } = await confidenceDrops(layer, {
    trainedOn: rowsWhere(rows.membership, 1).length,
    kernels: (await context.engine()).matrices,
    pause: async (share) => {
      await new Promise((resolve) => setImmediate(resolve));
      context.signal.throwIfAborted();
      context.progress(readingShare + (1 - readingShare) * share, 'the curvature of the last layer');
    },
  });
  return { values: vector(values), meta: { dimension, penalty, method } };
}
