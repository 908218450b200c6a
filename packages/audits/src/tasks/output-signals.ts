import { EngramError, type NdArray, type OutputMeaning } from '@engram/domain';
import type { Labels } from '@engram/models';
import {
  logSoftmaxRow,
  lossFromLogits,
  lossFromPredictions,
  lossFromProbabilities,
  scaledConfidenceFromLogits,
  scaledConfidenceFromProbabilities,
  scaledConfidenceFromSquaredErrors,
} from '@engram/numeric';

/** What the outputs of a classifier can be. */
export type ClassMeaning = Exclude<OutputMeaning, 'prediction'>;

/** Outputs that say how far from the truth an answer is, so that it has a loss. */
export type ScoredMeaning = Exclude<OutputMeaning, 'labels'>;

/** @throws ENG_INTERNAL something that no label can tell was asked of a model that tells labels alone. */
export function scoredMeaning<M extends OutputMeaning>(meaning: M): Exclude<M, 'labels'> {
  if (meaning !== 'labels') return meaning as Exclude<M, 'labels'>;
  throw new EngramError('ENG_INTERNAL', 'a model that tells labels alone was asked for more');
}

/** @throws ENG_INTERNAL something that only classes tell was asked of a regression. */
export function classMeaning(meaning: OutputMeaning): ClassMeaning {
  if (meaning !== 'prediction') return meaning;
  throw new EngramError('ENG_INTERNAL', 'a regression was asked for classes');
}

/** What attacks read of one model's outputs on labelled samples. */
export interface OutputSignals {
  /** (n) nats. */
  readonly loss: Float64Array;
  /** (n) nats. */
  readonly scaledConfidence: Float64Array;
  /** (n, classes) nats; -Infinity where a probability is 0. */
  readonly logProbabilities: NdArray<Float64Array>;
  /** Share of samples whose probability had to be clipped; 0 from logits. */
  readonly clippedShare: number;
  /** (n) 1 = the most likely class is the label. */
  readonly correct: Uint8Array;
}

/** All that a loss or a scaled confidence alone can tell; of a regression there is no more. */
export type FewSignals = Pick<OutputSignals, 'loss' | 'scaledConfidence' | 'clippedShare'>;

/** Whether the outputs of every class are known. */
export function isWhole(signals: OutputSignals | FewSignals): signals is OutputSignals {
  return 'logProbabilities' in signals;
}

/**
 * Signals in float64 from what a model returned, whatever it was trained for.
 *
 * @param outputs (n, classes), or (n, 1), as `meaning` says.
 * @param truth (n) classes, or targets where `meaning` is `prediction`.
 */
export function signalsOfOutputs(outputs: NdArray, meaning: ScoredMeaning, truth: Labels): OutputSignals | FewSignals {
  if (meaning === 'prediction') {
    const loss = lossFromPredictions(outputs, truth);
    return { loss, scaledConfidence: scaledConfidenceFromSquaredErrors(loss), clippedShare: 0 };
  }
  if (truth instanceof Float64Array) throw new EngramError('ENG_INTERNAL', `${meaning} were held against targets`);
  return outputSignals(outputs, meaning, truth);
}

/**
 * Signals in float64 from what a classifier returned.
 *
 * @param outputs (n, classes), or (n, 1) for class 1 of two, logits or probabilities as `meaning` says.
 * @param labels (n) classes.
 */
export function outputSignals(
  outputs: NdArray,
  meaning: ClassMeaning & ScoredMeaning,
  labels: Int32Array,
): OutputSignals {
  const classes = meaning === 'logits' ? logSoftmax(outputs) : logOfProbabilities(outputs);
  const correct = correctness(classes, labels);
  if (meaning === 'logits')
    return {
      loss: lossFromLogits(outputs, labels),
      scaledConfidence: scaledConfidenceFromLogits(outputs, labels),
      logProbabilities: classes,
      clippedShare: 0,
      correct,
    };
  const scaled = scaledConfidenceFromProbabilities(outputs, labels);
  return {
    loss: lossFromProbabilities(outputs, labels).values,
    scaledConfidence: scaled.values,
    logProbabilities: classes,
    clippedShare: scaled.clippedShare,
    correct,
  };
}

/** (n, classes) log-probabilities; a single output z stands for the logits (0, z). */
function logSoftmax({ data: logits, shape }: NdArray): NdArray<Float64Array> {
  const [n, width = 1] = shape;
  if (width === 1) {
    const data = new Float64Array(2 * n);
    for (let i = 0; i < n; i += 1) logSoftmaxRow([0, logits[i]], data.subarray(2 * i, 2 * i + 2));
    return { data, shape: [n, 2] };
  }
  const data = new Float64Array(logits.length);
  for (let i = 0; i < n; i += 1)
    logSoftmaxRow(logits.subarray(i * width, (i + 1) * width), data.subarray(i * width, (i + 1) * width));
  return { data, shape: [n, width] };
}

/** (n, classes) log-probabilities; a single output p stands for (1 - p, p). */
function logOfProbabilities({ data: probabilities, shape }: NdArray): NdArray<Float64Array> {
  const [n, width = 1] = shape;
  if (width > 1) return { data: Float64Array.from(probabilities, Math.log), shape };
  const data = new Float64Array(2 * n);
  for (let i = 0; i < n; i += 1) data.set([Math.log1p(-probabilities[i]), Math.log(probabilities[i])], 2 * i);
  return { data, shape: [n, 2] };
}

function correctness({ data, shape: [n, classes] }: NdArray<Float64Array>, labels: Int32Array): Uint8Array {
  const correct = new Uint8Array(n);
  for (let i = 0; i < n; i += 1) {
    let best = 0;
    for (let j = 1; j < classes; j += 1) if (data[i * classes + j] > data[i * classes + best]) best = j;
    correct[i] = Number(best === labels[i]);
  }
  return correct;
}
