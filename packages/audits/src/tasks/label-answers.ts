import type { NdArray, OpenDataset, OpenPredictor } from '@engram/domain';
import type { ModelDescriptor } from '../resources.js';
import { shapedInputs } from './open-target.js';
import { classMeaning } from './output-signals.js';
import { predictedClasses } from './predicted-classes.js';

/** Rows sent through a model at once: bounds memory, and lets a cancel through. */
const rowsPerBatch = 2048;

/** Recorded outputs from which there is a loss. */
const scored = ['logits', 'probabilities', 'prediction', 'loss', 'scaledConfidence'] as const;

/** Whether nothing was recorded of a target's answers but which class it says. */
export function recordsLabelsAlone(has: (field: (typeof scored)[number] | 'predictedLabel') => boolean): boolean {
  return has('predictedLabel') && !scored.some(has);
}

/** (n) 1 = the class said is the label. */
export function correctLabels(said: ArrayLike<number>, labels: Int32Array): Uint8Array {
  return Uint8Array.from(labels, (label, i) => Number(said[i] === label));
}

/**
 * Asks a classifier for its label of each sample once, batch by batch.
 *
 * @param datasets whose rows, one dataset after another, are asked about.
 * @param labels (n) of those rows.
 * @param onRows told how many rows each batch finished; throws to stop.
 * @returns (n) 1 = the class said is the label.
 */
export async function askForLabels(
  { outputs }: Pick<OpenPredictor, 'outputs'>,
  descriptor: Pick<ModelDescriptor, 'inspected'>,
  datasets: readonly OpenDataset[],
  labels: Int32Array,
  onRows: (count: number) => void,
): Promise<Uint8Array> {
  const meaning = classMeaning(descriptor.inspected.output.meaning);
  const said = new Int32Array(labels.length);
  let at = 0;
  for (const dataset of datasets)
    for (let start = 0; start < dataset.inspected.count; start += rowsPerBatch) {
      const end = Math.min(dataset.inspected.count, start + rowsPerBatch);
      const answers: NdArray = await outputs(await shapedInputs(dataset, descriptor, start, end));
      said.set(predictedClasses(answers, meaning), at);
      at += end - start;
      onRows(end - start);
    }
  return correctLabels(said, labels);
}
