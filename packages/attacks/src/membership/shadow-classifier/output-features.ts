import type { NdArray } from '@engram/domain';
import { entropyFromLogits } from '@engram/numeric';
import { finiteLogProbabilities } from '../log-probabilities.js';
import type { ReferenceSignals, TargetSignals } from '../signals.js';

/**
 * What the attack classifier is shown of an output: the largest probabilities in descending order, loss, scaled
 * confidence, entropy, whether the prediction is right, and last the class. Nothing tells which sample or which model it
 * is of, nor how many models trained on it.
 */
export type OutputFeatures = NdArray<Float64Array>;

/** Loss, scaled confidence, entropy, correct, class. */
const besideProbabilities = 5;

/**
 * Outputs of one reference model.
 *
 * @param labels (n).
 * @param model row of the bank; its probabilities, entropy and correctness must be there.
 * @returns (n, k + 5).
 */
export function referenceFeatures(labels: Int32Array, reference: ReferenceSignals, model: number): OutputFeatures {
  const n = labels.length;
  const { data, shape } = reference.topProbabilities!;
  const k = shape[2];
  const from = model * n;
  return features(n, k, (row, i) => {
    for (let j = 0; j < k; j += 1) row[j] = data[(from + i) * k + j];
    row.set(
      [
        reference.loss[from + i],
        reference.scaledConfidence![from + i],
        reference.entropy![from + i],
        reference.correct![from + i],
        labels[i],
      ],
      k,
    );
  });
}

/**
 * The target's outputs, as references keep theirs: probabilities and entropy in float32, so that equal outputs are equal
 * numbers.
 *
 * @param k probabilities shown; fewer classes leave zeros.
 * @returns (n, k + 5).
 */
export function targetFeatures(labels: Int32Array, target: TargetSignals, k: number): OutputFeatures {
  if (target.logProbabilities === undefined) return summaryFeatures(labels, target);
  const { data, shape } = target.logProbabilities;
  const classes = shape[1];
  const entropy = entropyFromLogits(finiteLogProbabilities(target.logProbabilities));
  return features(labels.length, k, (row, i) => {
    const logProbabilities = data.subarray(i * classes, (i + 1) * classes);
    const descending = logProbabilities.slice().sort().reverse();
    for (let j = 0; j < Math.min(k, classes); j += 1) row[j] = Math.fround(Math.exp(descending[j]));
    const correct = Number(logProbabilities.indexOf(descending[0]) === labels[i]);
    row.set(
      [target.loss![i], target.scaledConfidence![i], Math.fround(Math.max(0, entropy[i])), correct, labels[i]],
      k,
    );
  });
}

/** Of a reference model in the target's place, what was kept of it. */
function summaryFeatures(
  labels: Int32Array,
  { loss, scaledConfidence, correct, probabilitySummary }: TargetSignals,
): OutputFeatures {
  const { entropy, topProbabilities } = probabilitySummary!;
  const kept = { models: 1, trainedOn: new Uint8Array(labels.length), loss: loss!, entropy };
  return referenceFeatures(
    labels,
    {
      ...kept,
      scaledConfidence: scaledConfidence!,
      correct: correct!,
      topProbabilities: { data: topProbabilities!.data, shape: [1, ...topProbabilities!.shape] },
    },
    0,
  );
}

function features(n: number, k: number, write: (row: Float64Array, i: number) => void): OutputFeatures {
  const width = k + besideProbabilities;
  const data = new Float64Array(n * width);
  for (let i = 0; i < n; i += 1) write(data.subarray(i * width, (i + 1) * width), i);
  return { data, shape: [n, width] };
}
