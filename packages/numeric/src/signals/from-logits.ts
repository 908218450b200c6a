import type { NdArray } from '@engram/domain';
import { log1pexp, logSumExp } from '../special/log-arithmetic.js';
import { smallestLogArgument } from './modified-entropy-clip.js';
import { checkFinite, checkLabels, type Rows, rowsOf } from './rows.js';

/**
 * log softmax of one row of logits, in float64 whatever the input's type.
 *
 * @param logits (C) natural-log odds up to a constant; -Infinity marks an impossible class.
 * @param out (C) where to write; a new array by default.
 * @returns (C) log-probabilities in nats.
 */
export function logSoftmaxRow(logits: ArrayLike<number>, out = new Float64Array(logits.length)): Float64Array {
  // Subtracting the maximum first keeps the digits of logits far from 0.
  const max = largest(logits);
  for (let j = 0; j < logits.length; j += 1) out[j] = logits[j]! - max;
  const normaliser = logSumExp(out);
  for (let j = 0; j < logits.length; j += 1) out[j]! -= normaliser;
  return out;
}

/**
 * Cross-entropy loss of each sample: log sum_j exp z_j - z_y.
 *
 * @param logits (n, C); or (n) or (n, 1) for one logit of class 1 in a two-class model. Finite.
 * @param labels (n) integers in [0, C).
 * @returns (n) nats, at least 0; lower = better fitted, so negate it for a membership score.
 * @throws ENG_SHAPE_MISMATCH shapes disagree. ENG_LABEL_OUT_OF_RANGE. ENG_VALUES_NOT_FINITE.
 */
export function lossFromLogits(logits: NdArray, labels: ArrayLike<number>): Float64Array {
  // log(1 + e^-phi) keeps its digits when p_y is near 1, where the difference of two large numbers does not.
  return scaledConfidenceFromLogits(logits, labels).map((phi) => log1pexp(-phi));
}

/**
 * Logit-scaled confidence phi = log p_y - log(1 - p_y), as z_y - log sum_{j != y} exp z_j. It never forms a
 * probability, so it does not saturate: logits (120, 0, 0) with y = 0 give 119.306853.
 *
 * @param logits (n, C); or (n) or (n, 1) for one logit of class 1 in a two-class model. Finite.
 * @param labels (n) integers in [0, C).
 * @returns (n) nats; higher = more confident in the true label. Infinity when there is only one class.
 * @throws ENG_SHAPE_MISMATCH shapes disagree. ENG_LABEL_OUT_OF_RANGE. ENG_VALUES_NOT_FINITE.
 * @see Carlini et al. 2022, "Membership Inference Attacks From First Principles", section IV.
 */
export function scaledConfidenceFromLogits(logits: NdArray, labels: ArrayLike<number>): Float64Array {
  const rows = checkedRows(logits, labels);
  const { data } = logits;
  const confidence = new Float64Array(rows.count);
  for (let i = 0; i < rows.count; i += 1) {
    const label = labels[i]!;
    if (rows.width === 1) {
      confidence[i] = label === 1 ? data[i]! : -data[i]!;
    } else {
      const start = i * rows.width;
      confidence[i] = lessLogSumOthers(data, start, rows.width, label);
    }
  }
  return confidence;
}

/**
 * Shannon entropy of each predicted distribution: -sum_j p_j log p_j.
 *
 * @param logits (n, C); or (n) or (n, 1) for one logit of class 1 in a two-class model. Finite.
 * @returns (n) nats in [0, log C]; lower = more peaked, so negate it for a membership score.
 * @throws ENG_SHAPE_MISMATCH. ENG_VALUES_NOT_FINITE.
 */
export function entropyFromLogits(logits: NdArray): Float64Array {
  const rows = rowsOf(logits);
  checkFinite(logits, rows);
  const entropy = new Float64Array(rows.count);
  const row = new Float64Array(rows.classes);
  for (let i = 0; i < rows.count; i += 1) {
    logSoftmaxRow(fillRow(row, logits, rows, i), row);
    let sum = 0;
    for (const logP of row) sum -= Math.exp(logP) * logP;
    // Rounding may leave a certain prediction at -0.
    entropy[i] = Math.max(0, sum);
  }
  return entropy;
}

/**
 * Modified entropy of each sample: -(1 - p_y) log p_y - sum_{j != y} p_j log(1 - p_j). Unlike plain entropy it is
 * large for a confident mistake.
 *
 * @param logits (n, C); or (n) or (n, 1) for one logit of class 1 in a two-class model. Finite.
 * @param labels (n) integers in [0, C).
 * @returns (n) nats, at least 0; lower = better fitted, so negate it for a membership score. Arguments of logarithms
 *   are clipped at 1e-30, as in the authors' code.
 * @throws ENG_SHAPE_MISMATCH shapes disagree. ENG_LABEL_OUT_OF_RANGE. ENG_VALUES_NOT_FINITE.
 * @see Song and Mittal 2021, "Systematic Evaluation of Privacy Risks of Machine Learning Models", section 4.
 */
export function modifiedEntropyFromLogits(logits: NdArray, labels: ArrayLike<number>): Float64Array {
  const rows = checkedRows(logits, labels);
  const floor = Math.log(smallestLogArgument);
  const values = new Float64Array(rows.count);
  const row = new Float64Array(rows.classes);
  for (let i = 0; i < rows.count; i += 1) {
    const logPs = logSoftmaxRow(fillRow(row, logits, rows, i), row);
    let sum = 0;
    for (let j = 0; j < row.length; j += 1) {
      const logP = logPs[j]!;
      // Only a class with more than half the mass has a 1 - p that cancels.
      const logRest = logP < -Math.LN2 ? Math.log1p(-Math.exp(logP)) : logP - lessLogSumOthers(logPs, 0, row.length, j);
      sum -= j === labels[i] ? Math.exp(logRest) * Math.max(logP, floor) : Math.exp(logP) * Math.max(logRest, floor);
    }
    values[i] = Math.max(0, sum);
  }
  return values;
}

function checkedRows(logits: NdArray, labels: ArrayLike<number>): Rows {
  const rows = rowsOf(logits);
  checkLabels(labels, rows);
  checkFinite(logits, rows);
  return rows;
}

/** Row i as one logit per class; a single output z stands for the logits (0, z). */
function fillRow(row: Float64Array, logits: NdArray, rows: Rows, i: number): Float64Array {
  if (rows.width === 1) {
    row[0] = 0;
    row[1] = logits.data[i]!;
  } else {
    for (let j = 0; j < rows.width; j += 1) row[j] = logits.data[i * rows.width + j]!;
  }
  return row;
}

/** Value `taken` of a row less the log-sum-exp of the others; Infinity when there are none. */
function lessLogSumOthers(data: ArrayLike<number>, start: number, width: number, taken: number): number {
  let max = -Infinity;
  for (let j = 0; j < width; j += 1) {
    if (j !== taken && data[start + j]! > max) max = data[start + j]!;
  }
  if (max === -Infinity) return Infinity;
  let sum = 0;
  for (let j = 0; j < width; j += 1) {
    if (j !== taken) sum += Math.exp(data[start + j]! - max);
  }
  return data[start + taken]! - max - Math.log(sum);
}

function largest(values: ArrayLike<number>): number {
  let max = -Infinity;
  for (let j = 0; j < values.length; j += 1) {
    if (values[j]! > max) max = values[j]!;
  }
  // A row of impossible classes stays NaN rather than becoming certain of them all.
  return max;
}
