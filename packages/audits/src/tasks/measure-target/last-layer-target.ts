import type { LastLayer } from '@engram/attacks';
import { EngramError, type LastDenseLayer, type NdArray, type OutputMeaning } from '@engram/domain';
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
    return await lastLayerOf(
      lastLayer,
      { features: concatenate(features), outputs: concatenate(outputs) },
      output.meaning,
      rows,
    );
  } finally {
    await predictor.dispose();
  }
}

/** What a last layer read and gave on every row, held against the truth. */
export async function lastLayerOf(
  { head, bias }: Pick<LastDenseLayer, 'head' | 'bias'>,
  { features, outputs }: { readonly features: NdArray; readonly outputs: NdArray },
  meaning: OutputMeaning,
  rows: AuditRows,
): Promise<LastLayer> {
  if (head === 'linear') {
    const targets = await truthOfRows(rows, 'regression');
    return { features, bias, head, residuals: Float64Array.from(targets, (target, i) => target - outputs.data[i]) };
  }
  const labels = await labelsOf(rows);
  const { logProbabilities } = outputSignals(outputs, scoredMeaning(classMeaning(meaning)), labels);
  return { features, bias, head, logProbabilities, labels };
}
