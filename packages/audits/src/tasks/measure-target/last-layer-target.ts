import type { LastLayer } from '@engram/attacks';
import { EngramError, type NdArray } from '@engram/domain';
import type { ModelDescriptor } from '../../resources.js';
import { type AuditRows, concatenate, labelsOf, truthOfRows } from '../audit-rows.js';
import { readDocument, type TaskContext } from '../context.js';
import { openTargetPredictor, shapedInputs } from '../open-target.js';
import { classMeaning, outputSignals, scoredMeaning } from '../output-signals.js';

/** Rows sent through a model at once: bounds memory, and lets a cancel through. */
const rowsPerBatch = 2048;

/**
 * What the target's last dense layer reads and says on every row of the audit.
 *
 * @param share of the task's progress this is.
 * @throws ENG_INTERNAL planning asked it of a model without such a layer.
 */
export async function readLastLayer(rows: AuditRows, context: TaskContext, share: number): Promise<LastLayer> {
  const descriptor = await readDocument<ModelDescriptor>(context, 'model');
  const { lastLayer, output } = descriptor.inspected;
  const predictor = await openTargetPredictor(descriptor, context);
  try {
    if (lastLayer === undefined || predictor.lastLayer === undefined)
      throw new EngramError('ENG_INTERNAL', 'the last layer of a model was asked for that cannot tell what it reads');
    const features: NdArray[] = [];
    const outputs: NdArray[] = [];
    for (const { dataset, start, count } of rows.parts)
      for (let from = 0; from < count; from += rowsPerBatch) {
        context.signal.throwIfAborted();
        const to = Math.min(count, from + rowsPerBatch);
        const found = await predictor.lastLayer(await shapedInputs(dataset, descriptor, from, to));
        features.push(found.features);
        outputs.push(found.outputs);
        context.progress((share * (start + to)) / rows.count, `${start + to} of ${rows.count} samples`);
      }
    const { head, bias } = lastLayer;
    const shared = { features: concatenate(features), bias };
    const answers = concatenate(outputs);
    if (head === 'linear') {
      const targets = await truthOfRows(rows, 'regression');
      return { ...shared, head, residuals: Float64Array.from(targets, (target, i) => target - answers.data[i]) };
    }
    const labels = await labelsOf(rows);
    const meaning = scoredMeaning(classMeaning(output.meaning));
    const { logProbabilities } = outputSignals(answers, meaning, labels);
    return { ...shared, head, logProbabilities, labels };
  } finally {
    await predictor.dispose();
  }
}
