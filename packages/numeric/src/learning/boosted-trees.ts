import { EngramError, type NdArray } from '@engram/domain';
import { deriveSeed } from '../random/derive-seed.js';
import { createRandom } from '../random/random.js';
import { type BinnedColumns, binColumns, binLimit } from './binned-columns.js';
import type { BoostingLoss } from './boosting-loss.js';
import { binnedLeaf, growTree, leafOf, type RegressionTree } from './regression-tree.js';

export interface BoostingOptions {
  readonly rounds: number;
  /** Share of a leaf's step that is taken; smaller needs more rounds and generalises better. */
  readonly learningRate?: number;
  /** Levels of splits, 0 to 8. */
  readonly depth?: number;
  readonly leastRowsPerLeaf?: number;
  /** lambda: added to the summed curvature of a leaf. */
  readonly penalty?: number;
  /** Bins per column, 2 to 256. */
  readonly bins?: number;
  /** Share of rows drawn for each tree, without replacement. */
  readonly rowShare?: number;
  /** Columns drawn for each tree; bounds the cost of wide data. */
  readonly columnsPerTree?: number;
  /** Only draws of rows and columns depend on it. */
  readonly seed?: number;
}

/** An additive model: for each output a constant and one tree per round. */
export interface BoostedTrees {
  readonly columns: number;
  /** (outputs). */
  readonly start: Float64Array;
  /** Per round, one tree per output, shrunk already. */
  readonly rounds: readonly (readonly RegressionTree[])[];
}

/**
 * Gradient-boosted trees on histograms: each round and output one tree on the derivatives of the loss, each leaf a
 * shrunken second-order step. Deterministic: rows are summed in the order given, and of gains that are equal up to rounding
 * that of the first column and cut is taken.
 *
 * @param features (n, p) finite.
 * @param targets (n) finite; 0 or 1 for the logistic loss.
 * @param options learning rate 0.1, depth 3, 20 rows per leaf, penalty 1, 256 bins, all rows and columns, seed 0.
 * @throws ENG_SHAPE_MISMATCH. ENG_VALUES_NOT_FINITE. ENG_INSUFFICIENT_SAMPLES no rows.
 * @see Friedman 2001, "Greedy Function Approximation: A Gradient Boosting Machine"; Friedman 2002, "Stochastic Gradient
 *   Boosting"; Chen and Guestrin 2016, "XGBoost", section 2.
 */
export function boostTrees(
  features: NdArray,
  targets: ArrayLike<number>,
  loss: BoostingLoss,
  options: BoostingOptions,
): BoostedTrees {
  const { learningRate = 0.1, depth = 3, leastRowsPerLeaf = 20, penalty = 1, rowShare = 1, seed = 0 } = options;
  const binned = binColumns(features, Math.min(options.bins ?? binLimit, binLimit));
  const n = binned.rows;
  const y = checkTargets(targets, n);
  const random = createRandom(deriveSeed(seed, 'boosting'));
  const width = Math.min(binned.columns, options.columnsPerTree ?? binned.columns);
  const draw = (of: number, size: number) =>
    size < of ? random.sample(of, size).sort() : Int32Array.from({ length: of }, (_, i) => i);

  const start = loss.start(y);
  const predictions = new Float64Array(loss.outputs * n);
  for (let output = 0; output < loss.outputs; output += 1)
    predictions.fill(start[output], output * n, (output + 1) * n);
  const gradient = new Float64Array(n);
  const curvature = new Float64Array(n);
  const newtonStep = (rows: Int32Array) => {
    let [sum, bend] = [0, penalty];
    for (const i of rows) {
      sum += gradient[i];
      bend += curvature[i];
    }
    return bend > 0 ? -sum / bend : 0;
  };
  const rounds = Array.from({ length: options.rounds }, () => {
    const drawn = draw(n, Math.max(1, Math.round(rowShare * n)));
    const columns = draw(binned.columns, width);
    return Array.from({ length: loss.outputs }, (_, output) => {
      loss.derivatives(y, predictions, output, gradient, curvature);
      const tree = growTree(
        { binned, gradient, curvature, columns },
        drawn.slice(),
        { depth, leastRowsPerLeaf, penalty },
        (rows) => learningRate * (loss.leafStep?.(rows, y, predictions, output, penalty) ?? newtonStep(rows)),
      );
      addTree(tree, binned, predictions.subarray(output * n, (output + 1) * n));
      return tree;
    });
  });
  return { columns: binned.columns, start, rounds };
}

/**
 * What the trees predict for rows, seen or not.
 *
 * @param features (n, p) as many columns as the trees were grown on.
 * @param rounds use this many rounds; all by default.
 * @returns (outputs, n).
 * @throws ENG_SHAPE_MISMATCH.
 */
export function boostedPredictions(
  model: BoostedTrees,
  features: NdArray,
  rounds: number = model.rounds.length,
): Float64Array {
  const predictions = startingPredictions(model, features);
  for (const trees of model.rounds.slice(0, rounds)) addRound(trees, features, predictions);
  return predictions;
}

/**
 * The mean loss on rows after 0, 1, … rounds: where it stops falling on rows set aside, more rounds overfit.
 *
 * @param features (n, p), `targets` (n).
 * @returns (rounds + 1).
 * @throws ENG_SHAPE_MISMATCH.
 */
export function stagedLosses(
  model: BoostedTrees,
  features: NdArray,
  targets: ArrayLike<number>,
  loss: BoostingLoss,
): Float64Array {
  const y = checkTargets(targets, features.shape[0]);
  const predictions = startingPredictions(model, features);
  const losses = new Float64Array(model.rounds.length + 1);
  losses[0] = loss.mean(y, predictions);
  model.rounds.forEach((trees, round) => {
    addRound(trees, features, predictions);
    losses[round + 1] = loss.mean(y, predictions);
  });
  return losses;
}

function startingPredictions({ columns, start }: BoostedTrees, { data, shape }: NdArray): Float64Array {
  const [n, p] = shape;
  if (shape.length !== 2 || p !== columns || data.length !== n * p)
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected features (n, ${columns}), got (${shape.join(', ')})`);
  const predictions = new Float64Array(start.length * n);
  start.forEach((value, output) => {
    predictions.fill(value, output * n, (output + 1) * n);
  });
  return predictions;
}

function addRound(trees: readonly RegressionTree[], { data, shape }: NdArray, predictions: Float64Array): void {
  const [n, p] = shape;
  trees.forEach((tree, output) => {
    for (let i = 0; i < n; i += 1) predictions[output * n + i] += tree.values[leafOf(tree, data, i * p)];
  });
}

function addTree(tree: RegressionTree, binned: BinnedColumns, predictions: Float64Array): void {
  for (let i = 0; i < binned.rows; i += 1) predictions[i] += tree.values[binnedLeaf(tree, binned, i)];
}

function checkTargets(targets: ArrayLike<number>, n: number): Float64Array {
  if (targets.length !== n)
    throw new EngramError('ENG_SHAPE_MISMATCH', `expected ${n} targets for ${n} rows, got ${targets.length}`);
  if (n === 0) throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected rows to learn from, got none');
  const copy = Float64Array.from(targets);
  const first = copy.findIndex((y) => !Number.isFinite(y));
  if (first >= 0)
    throw new EngramError('ENG_VALUES_NOT_FINITE', `expected finite targets, got ${copy[first]} in row ${first}`);
  return copy;
}
