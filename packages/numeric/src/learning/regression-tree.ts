import type { BinnedColumns } from './binned-columns.js';

/** A tree in heap order: node k has the children 2k + 1 and 2k + 2. */
export interface RegressionTree {
  /** (nodes) column compared; -1 = a leaf, or below one. */
  readonly columns: Int32Array;
  /** (nodes) bins up to this one go left. */
  readonly cuts: Uint8Array;
  /** (nodes) values up to this one go left. */
  readonly thresholds: Float64Array;
  /** (nodes) what a leaf adds. */
  readonly values: Float64Array;
}

export interface TreeOptions {
  readonly depth: number;
  readonly leastRowsPerLeaf: number;
  /** Added to a side's summed curvature. */
  readonly penalty: number;
}

/** What one tree is grown on. */
export interface TreeData {
  readonly binned: BinnedColumns;
  /** (n) derivatives of the loss at each row. */
  readonly gradient: Float64Array;
  readonly curvature: Float64Array;
  /** Columns it may split on. */
  readonly columns: Int32Array;
}

/** A side with less summed curvature than this has nothing left to learn; dividing by it would only blow up noise. */
const leastCurvature = 1e-3;

/** Gains this near to each other, as a share of what they are the difference of, differ by rounding alone, or not at all. */
const equalGains = 1e-12;

/**
 * Grows a tree level by level of depth, each split the one with the greatest second-order gain
 * G_l^2 / (H_l + penalty) + G_r^2 / (H_r + penalty) - G^2 / (H + penalty). Sums per bin are taken for the smaller child
 * only; the larger is what remains of its parent. Of gains that are equal up to rounding the first in the order of columns
 * and cuts is taken, and a gain that is 0 up to rounding is none.
 *
 * @param rows rows to grow on; reordered so that each leaf's lie together.
 * @param leafValue of a leaf's rows.
 * @see Chen and Guestrin 2016, "XGBoost", equation 7; Ke et al. 2017, "LightGBM", on histograms.
 */
export function growTree(
  data: TreeData,
  rows: Int32Array,
  options: TreeOptions,
  leafValue: (rows: Int32Array) => number,
): RegressionTree {
  const nodes = 2 ** (options.depth + 1) - 1;
  const tree: RegressionTree = {
    columns: new Int32Array(nodes).fill(-1),
    cuts: new Uint8Array(nodes),
    thresholds: new Float64Array(nodes),
    values: new Float64Array(nodes),
  };
  const scratch = new Int32Array(rows.length);
  const grow = (node: number, level: number, from: number, to: number, sums: Histogram): void => {
    const here = rows.subarray(from, to);
    const split = level < options.depth ? bestSplit(data, sums, to - from, options) : undefined;
    if (split === undefined) {
      tree.values[node] = leafValue(here);
      return;
    }
    tree.columns[node] = split.column;
    tree.cuts[node] = split.cut;
    tree.thresholds[node] = data.binned.cuts[split.column][split.cut];
    const middle = from + partition(data.binned, here, split, scratch);
    // Sums of nodes that are not split further are never looked at.
    const last = level + 1 === options.depth;
    const leftIsSmaller = middle - from <= to - middle;
    const smaller = last
      ? sums
      : histogramOf(data, leftIsSmaller ? rows.subarray(from, middle) : rows.subarray(middle, to));
    if (!last) subtract(sums, smaller);
    grow(2 * node + 1, level + 1, from, middle, leftIsSmaller ? smaller : sums);
    grow(2 * node + 2, level + 1, middle, to, leftIsSmaller ? sums : smaller);
  };
  grow(0, 0, 0, rows.length, histogramOf(data, rows));
  return tree;
}

/** Leaf of a row the tree was binned with. */
export function binnedLeaf(tree: RegressionTree, { bins, rows }: BinnedColumns, row: number): number {
  let node = 0;
  for (let column = tree.columns[0]; column >= 0; column = tree.columns[node])
    node = 2 * node + (bins[column * rows + row] <= tree.cuts[node] ? 1 : 2);
  return node;
}

/** Leaf of a row starting at `offset` of any matrix with the same columns. */
export function leafOf(tree: RegressionTree, values: ArrayLike<number>, offset: number): number {
  let node = 0;
  for (let column = tree.columns[0]; column >= 0; column = tree.columns[node])
    node = 2 * node + (values[offset + column] <= tree.thresholds[node] ? 1 : 2);
  return node;
}

/** Sums over rows per column of the tree and bin. */
interface Histogram {
  /** (columns, bins, 2) gradient and curvature. */
  readonly sums: Float64Array;
  /** (columns, bins). */
  readonly counts: Int32Array;
}

function histogramOf({ binned, gradient, curvature, columns }: TreeData, rows: Int32Array): Histogram {
  const sums = new Float64Array(columns.length * binned.mostBins * 2);
  const counts = new Int32Array(columns.length * binned.mostBins);
  const size = rows.length;
  // Read in the order of rows once, not once per column.
  const gradients = new Float64Array(size);
  const curvatures = new Float64Array(size);
  for (let k = 0; k < size; k += 1) {
    gradients[k] = gradient[rows[k]];
    curvatures[k] = curvature[rows[k]];
  }
  for (let c = 0; c < columns.length; c += 1) {
    const bins = binned.bins.subarray(columns[c] * binned.rows, (columns[c] + 1) * binned.rows);
    const start = c * binned.mostBins;
    for (let k = 0; k < size; k += 1) {
      const at = start + bins[rows[k]];
      sums[2 * at] += gradients[k];
      sums[2 * at + 1] += curvatures[k];
      counts[at] += 1;
    }
  }
  return { sums, counts };
}

function subtract(from: Histogram, part: Histogram): void {
  for (let k = 0; k < part.sums.length; k += 1) from.sums[k] -= part.sums[k];
  for (let k = 0; k < part.counts.length; k += 1) from.counts[k] -= part.counts[k];
}

interface Split {
  readonly column: number;
  readonly cut: number;
}

function bestSplit(
  { binned, columns }: TreeData,
  { sums, counts }: Histogram,
  size: number,
  { penalty, leastRowsPerLeaf }: TreeOptions,
): Split | undefined {
  if (size < 2 * leastRowsPerLeaf) return undefined;
  let [gradient, curvature] = [0, 0];
  for (let b = 0; b < binned.mostBins; b += 1) {
    gradient += sums[2 * b];
    curvature += sums[2 * b + 1];
  }
  let best: Split | undefined;
  const whole = (gradient * gradient) / (curvature + penalty);
  let bestGain = 0;
  for (let c = 0; c < columns.length; c += 1) {
    const start = c * binned.mostBins;
    const cuts = binned.cuts[columns[c]].length;
    let [leftGradient, leftCurvature, left] = [0, 0, 0];
    for (let cut = 0; cut < cuts; cut += 1) {
      const at = start + cut;
      if (counts[at] === 0) continue;
      leftGradient += sums[2 * at];
      leftCurvature += sums[2 * at + 1];
      left += counts[at];
      if (size - left < leastRowsPerLeaf) break;
      const rightCurvature = curvature - leftCurvature;
      if (left < leastRowsPerLeaf || leftCurvature < leastCurvature || rightCurvature < leastCurvature) continue;
      const rightGradient = gradient - leftGradient;
      const gain =
        (leftGradient * leftGradient) / (leftCurvature + penalty) +
        (rightGradient * rightGradient) / (rightCurvature + penalty) -
        whole;
      if (gain > bestGain + equalGains * (1 + whole + gain)) {
        bestGain = gain;
        best = { column: columns[c], cut };
      }
    }
  }
  return best;
}

/** Left rows first, each side in its old order; returns how many are left. */
function partition({ bins, rows: n }: BinnedColumns, rows: Int32Array, split: Split, scratch: Int32Array): number {
  const offset = split.column * n;
  let left = 0;
  let right = 0;
  for (let k = 0; k < rows.length; k += 1) {
    const row = rows[k];
    if (bins[offset + row] <= split.cut) {
      rows[left] = row;
      left += 1;
    } else {
      scratch[right] = row;
      right += 1;
    }
  }
  rows.set(scratch.subarray(0, right), left);
  return left;
}
