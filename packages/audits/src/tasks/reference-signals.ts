import { labelMargins, modifiedEntropies } from '@engram/attacks';
import type { NdArray, TypedArray } from '@engram/domain';
import type { Labels } from '@engram/models';
import { concatenate, vector } from './audit-rows.js';
import { type FewSignals, isWhole, type OutputSignals } from './output-signals.js';
import { predictedClasses } from './predicted-classes.js';

/** Of the predicted distribution the largest so many probabilities are kept: what attack classifiers read. */
const keptProbabilities = 10;

/** What is kept of one classifier's answers about n samples; a bank is these, model after model. */
export interface KeptSignals {
  readonly loss: NdArray<Float64Array>;
  readonly scaledConfidence: NdArray<Float64Array>;
  readonly correct: NdArray<Uint8Array>;
  /** (n) class indices: the most likely class. */
  readonly predicted: NdArray<Int32Array>;
  /** (n) nats. */
  readonly entropy: NdArray<Float32Array>;
  /** (n) nats: Song and Mittal's, of the label. */
  readonly modifiedEntropy: NdArray<Float64Array>;
  /** (n) nats: the label's logit less the best of the others. */
  readonly margin: NdArray<Float64Array>;
  /** (n, k) the k = min(10, classes) largest, descending. */
  readonly topProbabilities: NdArray<Float32Array>;
}

/**
 * What is kept of one reference model: all of the above, or loss and scaled confidence where there is no more.
 *
 * @param truth (n) what the signals were held against.
 */
export function keptSignals(signals: OutputSignals | FewSignals, truth: Labels | undefined): Record<string, NdArray> {
  if (isWhole(signals)) return { ...keptOfClasses(signals, Int32Array.from(truth!)) };
  return { loss: vector(signals.loss), scaledConfidence: vector(signals.scaledConfidence) };
}

function keptOfClasses(
  { loss, scaledConfidence, correct, logProbabilities }: OutputSignals,
  labels: Int32Array,
): KeptSignals {
  const { data, shape } = logProbabilities;
  const [n, classes] = shape;
  const k = Math.min(keptProbabilities, classes);
  const entropy = new Float32Array(n);
  const top = new Float32Array(n * k);
  for (let i = 0; i < n; i += 1) {
    const row = data.slice(i * classes, (i + 1) * classes).sort();
    let sum = 0;
    // A class of probability 0 adds nothing to the entropy.
    for (const log of row) if (log > -Infinity) sum -= Math.exp(log) * log;
    entropy[i] = Math.max(0, sum);
    for (let j = 0; j < k; j += 1) top[i * k + j] = Math.exp(row[classes - 1 - j]);
  }
  return {
    loss: vector(loss),
    scaledConfidence: vector(scaledConfidence),
    correct: vector(correct),
    predicted: vector(predictedClasses(logProbabilities, 'logits')),
    entropy: vector(entropy),
    modifiedEntropy: vector(modifiedEntropies({ logProbabilities }, labels)),
    margin: vector(labelMargins({ logProbabilities }, labels)),
    topProbabilities: { data: top, shape: [n, k] },
  };
}

/** Arrays of equal shape, one per model, as one with models first. */
export function stackModels<T extends TypedArray>(arrays: readonly NdArray<T>[]): NdArray<T> {
  return concatenate(arrays.map(({ data, shape }) => ({ data, shape: [1, ...shape] }))) as NdArray<T>;
}

/** What several models left, name by name with models first. */
export function stackSignals(
  models: readonly Readonly<Record<string, NdArray>>[],
  prefix = '',
): Record<string, NdArray> {
  const [first = {}] = models;
  return Object.fromEntries(
    Object.keys(first).map((name) => [prefix + name, stackModels(models.map((model) => model[name]))]),
  );
}
