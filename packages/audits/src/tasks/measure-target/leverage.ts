import { confidenceDrops, type TargetMeasure } from '@engram/attacks';
import type { TaskSpec } from '@engram/domain';
import { openAuditRows, rowsWhere, vector } from '../audit-rows.js';
import type { TaskContext } from '../context.js';
import { readLastLayer } from './last-layer-target.js';
import type { Measurement } from './measurement.js';

/** Of the task's progress, what reading the layer takes. */
const readingShare = 0.2;
/** Samples between two looks at whether the audit was cancelled. */
const samplesPerLook = 64;

/**
 * How far leaving each sample out of training would lower the confidence in its label. All rows enter the curvature alike;
 * of membership only the number of members is used.
 */
export async function measureLeverage(
  _measure: TargetMeasure,
  _task: TaskSpec,
  context: TaskContext,
): Promise<Measurement> {
  const rows = await openAuditRows(context);
  const layer = await readLastLayer(rows, context, readingShare);
  context.progress(readingShare, 'the curvature of the last layer');
  const drops = confidenceDrops(layer, { trainedOn: rowsWhere(rows.membership, 1).length });
  const values = new Float64Array(rows.count);
  for (let i = 0; i < rows.count; i += 1) {
    if (i % samplesPerLook === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      context.signal.throwIfAborted();
      context.progress(readingShare + ((1 - readingShare) * i) / rows.count, `${i} of ${rows.count} samples`);
    }
    values[i] = drops.of(i);
  }
  const { dimension, penalty, method } = drops;
  return { values: vector(values), meta: { dimension, penalty, method } };
}
