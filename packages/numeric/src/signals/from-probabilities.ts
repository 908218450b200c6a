import { EngramError, type NdArray } from '@engram/domain';
import { smallestLogArgument } from './modified-entropy-clip.js';
import { checkFinite, checkLabels, type Rows, rowsOf } from './rows.js';

/** A signal read from probabilities, and how much of it rests on clipping. */
export interface ClippedSignal {
  readonly values: Float64Array;
  /** Fraction of samples whose p_y or 1 - p_y was raised to 1e-12: their values are bounds, not measurements. */
  readonly clippedShare: number;
}

/** p_y and 1 - p_y are not taken below this. */
const smallestProbability = 1e-12;

// Outputs stored in half precision sum to 1 within about this.
const sumTolerance = 0.02;

/**
 * Cross-entropy loss from probabilities: -log p_y, p_y clipped to [1e-12, 1].
 *
 * @param probabilities (n, C), each row summing to 1; or (n) or (n, 1) for the probability of class 1 of two.
 * @param labels (n) integers in [0, C).
 * @returns values (n) nats, lower = better fitted, and the share of samples clipped.
 * @throws ENG_SHAPE_MISMATCH. ENG_LABEL_OUT_OF_RANGE. ENG_VALUES_NOT_FINITE. ENG_DATA_MODEL_MISMATCH rows are not
 *   probabilities.
 */
export function lossFromProbabilities(probabilities: NdArray, labels: ArrayLike<number>): ClippedSignal {
  return fromTruth(probabilities, labels, (truth) => -Math.log(truth));
}

/**
 * Logit-scaled confidence from probabilities: log p_y - log(1 - p_y), where 1 - p_y is the sum of the other
 * probabilities (never a subtraction from 1) and both are clipped to [1e-12, 1].
 *
 * @param probabilities (n, C), each row summing to 1; or (n) or (n, 1) for the probability of class 1 of two.
 * @param labels (n) integers in [0, C).
 * @returns values (n) nats, higher = more confident in the true label, and the share of samples clipped. Likelihood
 *   ratio attacks refuse a share above 0.05.
 * @throws ENG_SHAPE_MISMATCH. ENG_LABEL_OUT_OF_RANGE. ENG_VALUES_NOT_FINITE. ENG_DATA_MODEL_MISMATCH rows are not
 *   probabilities.
 */
export function scaledConfidenceFromProbabilities(probabilities: NdArray, labels: ArrayLike<number>): ClippedSignal {
  return fromTruth(probabilities, labels, (truth, rest) => Math.log(truth) - Math.log(rest));
}

/**
 * Shannon entropy of each row: -sum_j p_j log p_j, with 0 log 0 = 0.
 *
 * @param probabilities (n, C), each row summing to 1; or (n) or (n, 1) for the probability of class 1 of two.
 * @returns (n) nats; lower = more peaked.
 * @throws ENG_SHAPE_MISMATCH. ENG_VALUES_NOT_FINITE. ENG_DATA_MODEL_MISMATCH rows are not probabilities.
 */
export function entropyFromProbabilities(probabilities: NdArray): Float64Array {
  const rows = probabilityRows(probabilities);
  const entropy = new Float64Array(rows.count);
  for (let i = 0; i < rows.count; i += 1) {
    let sum = 0;
    for (let j = 0; j < rows.classes; j += 1) {
      const p = probabilityAt(probabilities, rows, i, j);
      if (p > 0) sum -= p * Math.log(p);
    }
    entropy[i] = Math.max(0, sum);
  }
  return entropy;
}

/**
 * Modified entropy of each sample: -(1 - p_y) log p_y - sum_{j != y} p_j log(1 - p_j), arguments of logarithms clipped
 * at 1e-30.
 *
 * @param probabilities (n, C), each row summing to 1; or (n) or (n, 1) for the probability of class 1 of two.
 * @param labels (n) integers in [0, C).
 * @returns (n) nats, at least 0; lower = better fitted.
 * @throws ENG_SHAPE_MISMATCH. ENG_LABEL_OUT_OF_RANGE. ENG_VALUES_NOT_FINITE. ENG_DATA_MODEL_MISMATCH rows are not
 *   probabilities.
 * @see Song and Mittal 2021, "Systematic Evaluation of Privacy Risks of Machine Learning Models", section 4.
 */
export function modifiedEntropyFromProbabilities(probabilities: NdArray, labels: ArrayLike<number>): Float64Array {
  const rows = probabilityRows(probabilities, labels);
  const values = new Float64Array(rows.count);
  for (let i = 0; i < rows.count; i += 1) {
    let sum = 0;
    for (let j = 0; j < rows.classes; j += 1) {
      const p = probabilityAt(probabilities, rows, i, j);
      const rest = p < 0.5 ? 1 - p : sumOfOthers(probabilities, rows, i, j);
      sum -=
        j === labels[i]
          ? rest * Math.log(Math.max(p, smallestLogArgument))
          : p * Math.log(Math.max(rest, smallestLogArgument));
    }
    values[i] = Math.max(0, sum);
  }
  return values;
}

function fromTruth(
  probabilities: NdArray,
  labels: ArrayLike<number>,
  signal: (truth: number, rest: number) => number,
): ClippedSignal {
  const rows = probabilityRows(probabilities, labels);
  const values = new Float64Array(rows.count);
  let clipped = 0;
  for (let i = 0; i < rows.count; i += 1) {
    const truth = probabilityAt(probabilities, rows, i, labels[i]!);
    const rest = sumOfOthers(probabilities, rows, i, labels[i]!);
    if (truth < smallestProbability || rest < smallestProbability) clipped += 1;
    values[i] = signal(clip(truth), clip(rest));
  }
  return { values, clippedShare: rows.count === 0 ? 0 : clipped / rows.count };
}

function clip(p: number): number {
  return Math.min(1, Math.max(smallestProbability, p));
}

function probabilityAt(probabilities: NdArray, rows: Rows, i: number, j: number): number {
  if (rows.width > 1) return probabilities.data[i * rows.width + j]!;
  return j === 1 ? probabilities.data[i]! : 1 - probabilities.data[i]!;
}

/** 1 - p of one class, summed from the others so that a probability near 1 leaves its digits. */
function sumOfOthers(probabilities: NdArray, rows: Rows, i: number, skipped: number): number {
  let sum = 0;
  for (let j = 0; j < rows.classes; j += 1) {
    if (j !== skipped) sum += probabilityAt(probabilities, rows, i, j);
  }
  return sum;
}

function probabilityRows(probabilities: NdArray, labels?: ArrayLike<number>): Rows {
  const rows = rowsOf(probabilities);
  if (labels !== undefined) checkLabels(labels, rows);
  checkFinite(probabilities, rows);
  for (let i = 0; i < rows.count; i += 1) {
    let total = 0;
    let least = 0;
    for (let j = 0; j < rows.classes; j += 1) {
      const p = probabilityAt(probabilities, rows, i, j);
      total += p;
      if (p < least) least = p;
    }
    if (least < 0 || Math.abs(total - 1) > sumTolerance) {
      throw new EngramError(
        'ENG_DATA_MODEL_MISMATCH',
        `expected probabilities, at least 0 and summing to 1 in each row, got a sum of ${total.toPrecision(4)} and a least value of ${least.toPrecision(4)} in row ${i}`,
        { remedy: 'Declare the outputs as logits if that is what they are.', details: { row: i } },
      );
    }
  }
  return rows;
}
