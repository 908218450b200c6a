import type { NdArray } from '@engram/domain';
import {
  logSoftmaxRow,
  lossFromLogits,
  lossFromProbabilities,
  scaledConfidenceFromLogits,
  scaledConfidenceFromProbabilities,
} from '@engram/numeric';

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

/**
 * Signals in float64 from what a classifier returned.
 *
 * @param outputs (n, classes), logits or probabilities as `meaning` says.
 * @param labels (n) classes.
 */
export function outputSignals(
  outputs: NdArray,
  meaning: 'logits' | 'probabilities',
  labels: Int32Array,
): OutputSignals {
  const correct = correctness(outputs, labels);
  if (meaning === 'logits')
    return {
      loss: lossFromLogits(outputs, labels),
      scaledConfidence: scaledConfidenceFromLogits(outputs, labels),
      logProbabilities: logSoftmax(outputs),
      clippedShare: 0,
      correct,
    };
  const loss = lossFromProbabilities(outputs, labels);
  const scaled = scaledConfidenceFromProbabilities(outputs, labels);
  return {
    loss: loss.values,
    scaledConfidence: scaled.values,
    logProbabilities: { data: Float64Array.from(outputs.data, Math.log), shape: outputs.shape },
    clippedShare: scaled.clippedShare,
    correct,
  };
}

function logSoftmax(logits: NdArray): NdArray<Float64Array> {
  const [n, width] = [logits.shape[0], logits.data.length / Math.max(1, logits.shape[0])];
  const data = new Float64Array(logits.data.length);
  for (let i = 0; i < n; i += 1)
    logSoftmaxRow(logits.data.subarray(i * width, (i + 1) * width), data.subarray(i * width, (i + 1) * width));
  return { data, shape: [n, width] };
}

function correctness(outputs: NdArray, labels: Int32Array): Uint8Array {
  const n = labels.length;
  const width = outputs.data.length / Math.max(1, n);
  const correct = new Uint8Array(n);
  for (let i = 0; i < n; i += 1) {
    if (width === 1) {
      correct[i] = Number(outputs.data[i] > 0 === (labels[i] === 1));
      continue;
    }
    let best = 0;
    for (let j = 1; j < width; j += 1) if (outputs.data[i * width + j] > outputs.data[i * width + best]) best = j;
    correct[i] = Number(best === labels[i]);
  }
  return correct;
}
