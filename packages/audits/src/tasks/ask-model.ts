import type { ProbabilityOfTruth } from '@engram/attacks';
import type { FittedModel } from '@engram/datasets';
import type { NdArray, OpenDataset } from '@engram/domain';
import type { Labels } from '@engram/models';
import { augmentedForm } from '@engram/numeric';
import { concatenate } from './audit-rows.js';
import { lossesUnder } from './losses-under.js';
import { shapedInputs } from './open-target.js';
import { type FewSignals, type OutputSignals, type ScoredMeaning, signalsOfOutputs } from './output-signals.js';

/** Rows sent through a model at once: bounds memory, and lets a cancel through. */
const rowsPerBatch = 2048;

/** A classifier or regression that can be asked, of whatever kind. */
export interface AskedModel {
  readonly inspected: FittedModel;
  readonly meaning: ScoredMeaning;
  /** @returns (n, classes) or (n, 1). */
  readonly outputs: (inputs: NdArray) => Promise<NdArray>;
}

/** What one model says of n samples. */
export interface Answers {
  readonly signals: OutputSignals | FewSignals;
  /** (forms, n) nats, where more than the samples themselves were asked about; form 0 is the sample itself. */
  readonly queryConfidence: NdArray<Float64Array> | null;
  /** (forms, n) nats each, named `lossUnder.<key>`: losses under the other probabilities of the truth asked for. */
  readonly lossesUnder: Readonly<Record<string, NdArray<Float64Array>>>;
}

/**
 * Asks a model about samples, batch by batch.
 *
 * @param datasets whose rows, one dataset after another, are asked about.
 * @param truth (n) classes, or targets of a regression.
 * @param forms augmented forms of each sample; 1 = the sample alone.
 * @param under other probabilities of the truth to tell the loss under; none for most audits.
 * @param onRows told how many rows each batch finished; throws to stop.
 */
export async function askModel(
  model: AskedModel,
  datasets: readonly OpenDataset[],
  truth: Labels,
  forms: number,
  under: readonly ProbabilityOfTruth[],
  onRows: (count: number) => void,
): Promise<Answers> {
  const n = truth.length;
  const outputs: NdArray[] = [];
  const queryConfidence = new Float64Array(forms > 1 ? forms * n : 0);
  const ofKey: Record<string, Float64Array> = {};
  const keepLosses = (answer: NdArray, theirs: Labels, start: number) => {
    for (const [key, losses] of Object.entries(lossesUnder(answer, model.meaning, theirs, under))) {
      ofKey[key] ??= new Float64Array(forms * n);
      ofKey[key].set(losses, start);
    }
  };
  let at = 0;
  for (const dataset of datasets) {
    for (let start = 0; start < dataset.inspected.count; start += rowsPerBatch) {
      const end = Math.min(dataset.inspected.count, start + rowsPerBatch);
      const inputs = await shapedInputs(dataset, model, start, end);
      const theirs = truth.subarray(at, at + end - start);
      const answers = await model.outputs(inputs);
      outputs.push(answers);
      keepLosses(answers, theirs, at);
      for (let form = 1; form < forms; form += 1) {
        const answer = await model.outputs(augmentedForm(inputs, form));
        queryConfidence.set(signalsOfOutputs(answer, model.meaning, theirs).scaledConfidence, form * n + at);
        keepLosses(answer, theirs, form * n + at);
      }
      at += end - start;
      onRows(end - start);
    }
  }
  const signals = signalsOfOutputs(concatenate(outputs), model.meaning, truth);
  const losses = Object.fromEntries(
    Object.entries(ofKey).map(([key, data]) => [`lossUnder.${key}`, { data, shape: [forms, n] }]),
  );
  if (forms === 1) return { signals, queryConfidence: null, lossesUnder: losses };
  queryConfidence.set(signals.scaledConfidence);
  return { signals, queryConfidence: { data: queryConfidence, shape: [forms, n] }, lossesUnder: losses };
}
