import type { FittedModel } from '@engram/datasets';
import type { NdArray, OpenDataset } from '@engram/domain';
import { scaledConfidenceFromLogits, scaledConfidenceFromProbabilities } from '@engram/numeric';
import { concatenate } from './audit-rows.js';
import { augmentedForm } from './augmented-forms.js';
import { shapedInputs } from './open-target.js';
import { type OutputSignals, outputSignals } from './output-signals.js';

/** Rows sent through a model at once: bounds memory, and lets a cancel through. */
const rowsPerBatch = 2048;

/** A classifier that can be asked, of whatever kind. */
export interface AskedClassifier {
  readonly inspected: FittedModel;
  readonly meaning: 'logits' | 'probabilities';
  /** @returns (n, classes). */
  readonly outputs: (inputs: NdArray) => Promise<NdArray>;
}

/** What one classifier says of n labelled samples. */
export interface Answers {
  readonly signals: OutputSignals;
  /** (forms, n) nats, where more than the samples themselves were asked about; form 0 is the sample itself. */
  readonly queryConfidence: NdArray<Float64Array> | null;
}

/**
 * Asks a classifier about samples, batch by batch.
 *
 * @param datasets whose rows, one dataset after another, are asked about.
 * @param labels (n) classes.
 * @param forms augmented forms of each sample; 1 = the sample alone.
 * @param onRows told how many rows each batch finished; throws to stop.
 */
export async function askClassifier(
  classifier: AskedClassifier,
  datasets: readonly OpenDataset[],
  labels: Int32Array,
  forms: number,
  onRows: (count: number) => void,
): Promise<Answers> {
  const n = labels.length;
  const outputs: NdArray[] = [];
  const queryConfidence = new Float64Array(forms > 1 ? forms * n : 0);
  let at = 0;
  for (const dataset of datasets) {
    for (let start = 0; start < dataset.inspected.count; start += rowsPerBatch) {
      const end = Math.min(dataset.inspected.count, start + rowsPerBatch);
      const inputs = await shapedInputs(dataset, classifier, start, end);
      const theirs = labels.subarray(at, at + end - start);
      outputs.push(await classifier.outputs(inputs));
      for (let form = 1; form < forms; form += 1) {
        const answer = await classifier.outputs(augmentedForm(inputs, form));
        queryConfidence.set(confidenceOf(answer, classifier.meaning, theirs), form * n + at);
      }
      at += end - start;
      onRows(end - start);
    }
  }
  const signals = outputSignals(concatenate(outputs), classifier.meaning, labels);
  if (forms === 1) return { signals, queryConfidence: null };
  queryConfidence.set(signals.scaledConfidence);
  return { signals, queryConfidence: { data: queryConfidence, shape: [forms, n] } };
}

function confidenceOf(outputs: NdArray, meaning: AskedClassifier['meaning'], labels: Int32Array): Float64Array {
  return meaning === 'logits'
    ? scaledConfidenceFromLogits(outputs, labels)
    : scaledConfidenceFromProbabilities(outputs, labels).values;
}
