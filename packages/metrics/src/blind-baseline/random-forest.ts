import { createRandom, deriveSeed, type Random } from '@engram/numeric';
import { type BlindFeatures, mostBins } from './blind-features.js';

const depth = 5;
const splitsPerTree = 2 ** depth - 1;
const leavesPerTree = 2 ** depth;

/** Trees of fixed depth in heap order: node k splits into 2k + 1 and 2k + 2. */
interface Forest {
  readonly trees: number;
  readonly columns: Int32Array;
  /** Rows with a bin at or below go left; 255 sends all rows left, so a leaf above full depth needs no flag. */
  readonly cuts: Uint8Array;
  /** Share of members in each leaf. */
  readonly leaves: Float64Array;
}

/**
 * Out-of-fold scores of a random forest: bootstrap samples, sqrt(p) columns tried per split, Gini impurity, depth 5.
 *
 * @param features prepared.
 * @param membership (n) 1 = member, 0 = non-member.
 * @param options number of trees; rows drawn for each, as many as there are training rows by default; and a seed that
 *   fixes the result.
 * @returns (n) mean share of members in the leaves a row falls into, in [0, 1]; higher = more member-like.
 * @see Breiman 2001, "Random Forests".
 */
export function randomForestScores(
  features: BlindFeatures,
  membership: ArrayLike<number>,
  options: { readonly trees: number; readonly rowsPerTree?: number; readonly seed: number },
): Float64Array {
  const scores = new Float64Array(features.rows);
  const labels = Uint8Array.from(membership);
  for (let fold = 0; fold < features.folds; fold += 1) {
    const training: number[] = [];
    for (let i = 0; i < features.rows; i += 1) if (features.foldOf[i] !== fold) training.push(i);
    const random = createRandom(deriveSeed(options.seed, 'forest', fold));
    const rowsPerTree = Math.min(training.length, options.rowsPerTree ?? training.length);
    const forest = growForest(features, labels, Int32Array.from(training), options.trees, rowsPerTree, random);
    for (let i = 0; i < features.rows; i += 1) {
      if (features.foldOf[i] === fold) scores[i] = forestScore(forest, features, i);
    }
  }
  return scores;
}

/** Columns tried at each split of a matrix of this width. */
export function columnsPerSplit(columns: number): number {
  return Math.max(1, Math.floor(Math.sqrt(columns)));
}

/** Levels of splits, for reckoning a forest's cost. */
export const forestDepth: number = depth;

function growForest(
  features: BlindFeatures,
  labels: Uint8Array,
  training: Int32Array,
  trees: number,
  rowsPerTree: number,
  random: Random,
): Forest {
  const forest: Forest = {
    trees,
    columns: new Int32Array(trees * splitsPerTree),
    cuts: new Uint8Array(trees * splitsPerTree).fill(255),
    leaves: new Float64Array(trees * leavesPerTree),
  };
  const rows = new Int32Array(rowsPerTree);
  const work: Work = {
    features,
    labels,
    rows,
    random,
    forest,
    counts: new Int32Array(2 * mostBins),
    pool: Int32Array.from({ length: features.columns }, (_, j) => j),
  };
  for (let tree = 0; tree < trees; tree += 1) {
    for (let k = 0; k < rows.length; k += 1) rows[k] = training[random.integer(training.length)]!;
    growNode(work, tree, 0, 0, 0, rows.length);
  }
  return forest;
}

interface Work {
  readonly features: BlindFeatures;
  readonly labels: Uint8Array;
  /** The tree's bootstrap sample, reordered so that each node's rows lie together. */
  readonly rows: Int32Array;
  readonly random: Random;
  readonly forest: Forest;
  /** (bins, 2) rows of each side per bin. */
  readonly counts: Int32Array;
  readonly pool: Int32Array;
}

function growNode(work: Work, tree: number, node: number, level: number, from: number, to: number): void {
  const { labels, rows, forest } = work;
  if (level === depth) {
    let members = 0;
    for (let k = from; k < to; k += 1) members += labels[rows[k]!]!;
    forest.leaves[tree * leavesPerTree + node - splitsPerTree] = to > from ? members / (to - from) : 0.5;
    return;
  }
  const split = findSplit(work, from, to);
  let middle = to;
  if (split !== undefined) {
    forest.columns[tree * splitsPerTree + node] = split.column;
    forest.cuts[tree * splitsPerTree + node] = split.cut;
    middle = partition(work, split, from, to);
  }
  growNode(work, tree, 2 * node + 1, level + 1, from, middle);
  if (middle < to) growNode(work, tree, 2 * node + 2, level + 1, middle, to);
}

interface Split {
  readonly column: number;
  readonly cut: number;
}

function findSplit(work: Work, from: number, to: number): Split | undefined {
  const { features, labels, rows, counts, pool, random } = work;
  const { bins } = features;
  const size = to - from;
  let members = 0;
  for (let k = from; k < to; k += 1) members += labels[rows[k]!]!;
  if (size < 2 || members === 0 || members === size) return undefined;
  let best: Split | undefined;
  // Maximising sum over sides of members^2 + nonMembers^2 over the size minimises the weighted Gini impurity.
  let bestPurity = (members ** 2 + (size - members) ** 2) / size + 1e-9;
  for (let tried = 0; tried < columnsPerSplit(features.columns); tried += 1) {
    const pick = tried + random.integer(pool.length - tried);
    const column = pool[pick]!;
    pool[pick] = pool[tried]!;
    pool[tried] = column;
    const offset = column * features.rows;
    counts.fill(0);
    for (let k = from; k < to; k += 1) {
      const row = rows[k]!;
      counts[bins[offset + row]! * 2 + labels[row]!]! += 1;
    }
    let leftMembers = 0;
    let left = 0;
    for (let cut = 0; cut < mostBins - 1; cut += 1) {
      const inBin = counts[cut * 2]! + counts[cut * 2 + 1]!;
      if (inBin === 0) continue;
      left += inBin;
      leftMembers += counts[cut * 2 + 1]!;
      if (left === size) break;
      const right = size - left;
      const rightMembers = members - leftMembers;
      const purity =
        (leftMembers ** 2 + (left - leftMembers) ** 2) / left +
        (rightMembers ** 2 + (right - rightMembers) ** 2) / right;
      if (purity > bestPurity) {
        bestPurity = purity;
        best = { column, cut };
      }
    }
  }
  return best;
}

function partition(work: Work, split: Split, from: number, to: number): number {
  const { features, rows } = work;
  const offset = split.column * features.rows;
  let low = from;
  let high = to - 1;
  while (low <= high) {
    const row = rows[low]!;
    if (features.bins[offset + row]! <= split.cut) {
      low += 1;
    } else {
      rows[low] = rows[high]!;
      rows[high] = row;
      high -= 1;
    }
  }
  return low;
}

function forestScore(forest: Forest, features: BlindFeatures, row: number): number {
  let sum = 0;
  for (let tree = 0; tree < forest.trees; tree += 1) {
    const offset = tree * splitsPerTree;
    let node = 0;
    for (let level = 0; level < depth; level += 1) {
      const bin = features.bins[forest.columns[offset + node]! * features.rows + row]!;
      node = 2 * node + (bin <= forest.cuts[offset + node]! ? 1 : 2);
    }
    sum += forest.leaves[tree * leavesPerTree + node - splitsPerTree]!;
  }
  return sum / forest.trees;
}
