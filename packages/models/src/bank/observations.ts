import type { NdArray } from '@engram/domain';
import {
  logSoftmaxRow,
  lossFromLogits,
  lossFromPredictions,
  scaledConfidenceFromLogits,
  scaledConfidenceFromSquaredErrors,
} from '@engram/numeric';
import { sizeOf } from '../network/initializers.js';
import type { NetworkTask } from '../network/network.js';
import type { BankEvaluation, BankRecord, Labels } from './request.js';
import { errorScale } from './sample-losses.js';

function rowsOf({ data, shape }: NdArray<Float32Array>, place: number): NdArray<Float32Array> {
  const size = sizeOf(shape.slice(1));
  return { data: data.subarray(place * size, (place + 1) * size), shape: shape.slice(1) };
}

export function evaluationOf(
  outputs: NdArray<Float32Array>,
  place: number,
  labels: Labels,
  step: number,
): BankEvaluation<Labels> {
  const rows = rowsOf(outputs, place);
  if (labels instanceof Float64Array) {
    const loss = lossFromPredictions(rows, labels);
    return { step, loss, scaledConfidence: scaledConfidenceFromSquaredErrors(loss), predicted: rows.data.slice() };
  }
  const predicted = predictedClasses(rows);
  return {
    step,
    loss: lossFromLogits(rows, labels),
    scaledConfidence: scaledConfidenceFromLogits(rows, labels),
    correct: agreement(predicted, labels),
    predicted,
  };
}

export function recordOf(
  outputs: NdArray<Float32Array>,
  squaredNorms: NdArray<Float32Array>,
  place: number,
  labels: Labels,
  step: number,
): BankRecord<Labels> {
  const rows = rowsOf(outputs, place);
  const norms = rowsOf(squaredNorms, place).data;
  const normsOf = (task: NetworkTask, loss: Float64Array) =>
    loss.map((value, row) => errorScale(task, value) * Math.sqrt(norms[row]!));
  if (labels instanceof Float64Array) {
    const loss = lossFromPredictions(rows, labels);
    return { step, gradientNorm: normsOf('regression', loss), loss };
  }
  const loss = lossFromLogits(rows, labels);
  return {
    step,
    gradientNorm: normsOf('classification', loss),
    loss,
    el2n: el2n(rows, labels),
    correct: agreement(predictedClasses(rows), labels),
  };
}

/** The most likely class of each row; of equals the lowest. */
function predictedClasses({ data, shape }: NdArray<Float32Array>): Int32Array {
  const [count, classes] = shape as [number, number];
  return Int32Array.from({ length: count }, (_, row) => {
    let best = 0;
    for (let index = 1; index < classes; index++)
      if (data[row * classes + index]! > data[row * classes + best]!) best = index;
    return best;
  });
}

function agreement(predicted: Int32Array, labels: Int32Array): Uint8Array {
  return Uint8Array.from(predicted, (guess, row) => Number(guess === labels[row]));
}

/** Norm of the error of the predicted distribution, Paul et al. 2021. */
function el2n({ data, shape }: NdArray<Float32Array>, labels: Int32Array): Float64Array {
  const classes = shape[1]!;
  const error = new Float64Array(classes);
  return Float64Array.from(labels, (label, row) => {
    logSoftmaxRow(data.subarray(row * classes, (row + 1) * classes), error);
    for (let index = 0; index < classes; index++) error[index] = index === label ? 0 : Math.exp(error[index]!);
    // 1 − p_y as the sum of the others: near 1, the difference would round to 0.
    error[label] = error.reduce((sum, each) => sum + each, 0);
    return Math.hypot(...error);
  });
}
