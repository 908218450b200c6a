import { choleskyFactor, choleskySolve, logisticRegressionL2 } from '@engram/numeric';
import type { BlindFeatures } from './blind-features.js';
import { type FoldSums, foldSums, trainingSums } from './fold-sums.js';

const penalty = 1;

/** Mean and scale of each column over the training rows; a column constant there gets scale Infinity and drops out. */
interface Scaling {
  readonly mean: Float64Array;
  readonly scale: Float64Array;
}

/**
 * Out-of-fold log-odds of L2-penalised logistic regression on columns standardised over the training folds.
 *
 * @param features prepared.
 * @param all sums over all rows, from `foldSums(features)`.
 * @param membership (n) 1 = member, 0 = non-member.
 * @returns (n) nats; higher = more member-like.
 */
export function logisticScores(features: BlindFeatures, all: FoldSums, membership: ArrayLike<number>): Float64Array {
  const { rows, columns, values, foldOf, folds } = features;
  const scores = new Float64Array(rows);
  for (let fold = 0; fold < folds; fold += 1) {
    const scaling = scalingOf(all, fold, columns);
    const training = [...foldOf.keys()].filter((i) => foldOf[i] !== fold);
    const data = new Float64Array(training.length * columns);
    training.forEach((row, k) => {
      for (let j = 0; j < columns; j += 1) {
        data[k * columns + j] = (values[row * columns + j]! - scaling.mean[j]!) / scaling.scale[j]!;
      }
    });
    const fit = logisticRegressionL2(
      { data, shape: [training.length, columns] },
      training.map((row) => membership[row]!),
      // Ranks are what is read; they settle long before the last digits of the weights.
      { penalty, tolerance: 1e-3 },
    );
    writeScores(features, fold, scaling, fit.weights, fit.intercept, scores);
  }
  return scores;
}

/** One Newton step of the same regression from zero, for any labels: cheap because only X'(y - 1/2) depends on them. */
export type OneStepLogistic = (membership: ArrayLike<number>) => Float64Array;

/**
 * Prepares one-step logistic regressions on fixed rows and folds. From w = 0 every sample has curvature 1/4, so the
 * step is (X'X / 4 + penalty I)^-1 X'(y - 1/2): the matrices are factored once, and each relabelling costs a solve.
 *
 * @param features prepared.
 * @param all sums over all rows, from `foldSums(features)`.
 * @returns a function from labels (n) to out-of-fold log-odds (n).
 */
export function prepareOneStepLogistic(features: BlindFeatures, all: FoldSums): OneStepLogistic {
  const { rows, columns, folds } = features;
  const grams = foldGrams(features);
  const prepared = Array.from({ length: folds }, (_, fold) => {
    const scaling = scalingOf(all, fold, columns);
    const training = trainingSums(all, fold, columns);
    return { scaling, training, factor: choleskyFactor(curvature(grams, fold, training.count, scaling), columns) };
  });
  return (membership) => {
    const ofMembers = foldSums(features, membership);
    const scores = new Float64Array(rows);
    prepared.forEach(({ scaling, training, factor }, fold) => {
      const member = trainingSums(ofMembers, fold, columns);
      const excess = member.count - training.count / 2;
      const right = Float64Array.from(
        member.first,
        (sum, j) => (sum - training.first[j]! / 2 - scaling.mean[j]! * excess) / scaling.scale[j]!,
      );
      writeScores(features, fold, scaling, choleskySolve(factor, right), (4 * excess) / training.count, scores);
    });
    return scores;
  };
}

function scalingOf(all: FoldSums, heldOut: number, columns: number): Scaling {
  const { count, first, second } = trainingSums(all, heldOut, columns);
  const mean = first.map((sum) => sum / count);
  const scale = second.map((sum, j) => {
    const variance = sum / count - mean[j]! ** 2;
    return variance > 1e-9 ? Math.sqrt(variance) : Infinity;
  });
  return { mean, scale };
}

/** X'X of each fold's rows, lower triangle. */
function foldGrams(features: BlindFeatures): Float64Array[] {
  const { rows, columns, values, foldOf, folds } = features;
  const grams = Array.from({ length: folds }, () => new Float64Array(columns * columns));
  for (let i = 0; i < rows; i += 1) {
    const gram = grams[foldOf[i]!]!;
    const row = i * columns;
    for (let a = 0; a < columns; a += 1) {
      const value = values[row + a]!;
      if (value === 0) continue;
      for (let b = 0; b <= a; b += 1) gram[a * columns + b]! += value * values[row + b]!;
    }
  }
  return grams;
}

/** X'X / 4 + penalty I over the training folds, for columns centred and scaled there. */
function curvature(grams: readonly Float64Array[], heldOut: number, count: number, scaling: Scaling): Float64Array {
  const { mean, scale } = scaling;
  const columns = mean.length;
  const matrix = new Float64Array(columns * columns);
  grams.forEach((gram, fold) => {
    if (fold === heldOut) return;
    for (let k = 0; k < matrix.length; k += 1) matrix[k]! += gram[k]!;
  });
  for (let a = 0; a < columns; a += 1) {
    for (let b = 0; b <= a; b += 1) {
      const centred = matrix[a * columns + b]! - count * mean[a]! * mean[b]!;
      matrix[a * columns + b] = centred / (4 * scale[a]! * scale[b]!) + (a === b ? penalty : 0);
    }
  }
  return matrix;
}

function writeScores(
  features: BlindFeatures,
  fold: number,
  scaling: Scaling,
  weights: Float64Array,
  intercept: number,
  scores: Float64Array,
): void {
  const { rows, columns, values, foldOf } = features;
  const slopes = weights.map((weight, j) => weight / scaling.scale[j]!);
  let constant = intercept;
  for (let j = 0; j < columns; j += 1) constant -= slopes[j]! * scaling.mean[j]!;
  for (let i = 0; i < rows; i += 1) {
    if (foldOf[i] !== fold) continue;
    let sum = constant;
    for (let j = 0; j < columns; j += 1) sum += slopes[j]! * values[i * columns + j]!;
    scores[i] = sum;
  }
}
