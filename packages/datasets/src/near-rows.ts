import type { NdArray } from '@engram/domain';
import { createRandom, median, type Random } from '@engram/numeric';

/** Rows of one side that lie next to a row of the other. */
export interface NearRows {
  /** Rows outside with a row inside no further away than `radius`, equal ones included. */
  readonly rows: Int32Array;
  /** Rows outside that were compared with all rows inside: all, unless there are very many pairs. */
  readonly judged: Int32Array;
  /** A tenth of the median distance from a row inside to its nearest other one, in the units rows are compared in. */
  readonly radius: number;
}

export interface NearRowsOptions {
  /** Draws the rows that distances are told by, and those judged where there are too many. */
  readonly seed: number;
  /** Called after each row outside, with the share done. */
  readonly onProgress?: (fraction: number) => void;
}

const nearness = 0.1;
/** Rows inside whose nearest neighbours set the scale. */
const scaleRows = 100;
/** Pairs compared at most: seconds, since most are told apart by a few columns. */
const mostPairs = 1e9;
/** Columns of a row that lie together apart from the others, a cache line of them: they tell most pairs apart. */
const leading = 16;

/**
 * Near-duplicates between two sides of a table: rows outside that are ten times closer to a row inside than rows inside are
 * to each other. Distances are Euclidean: of vectors after each column was divided by its deviation, of anything with more
 * axes (images) as the values are. In few columns some rows lie that close by chance: a share of 1 - 2^(-1/10^d) or so in d.
 *
 * @param inputs (n, ...row) finite.
 * @param side (n) 1 = inside, 0 = outside, any other value = neither.
 */
export function nearRows(inputs: NdArray, side: Uint8Array, { seed, onProgress }: NearRowsOptions): NearRows {
  const table = comparable(inputs);
  const inside = rowsOf(side, 1);
  const random = createRandom(seed);
  const radius = nearness * nearestDistance(table, inside, random);
  const outside = chosen(rowsOf(side, 0), Math.max(1, Math.floor(mostPairs / Math.max(1, inside.length))), random);
  const limit = radius * radius;
  const rows = outside.filter((row, i) => {
    onProgress?.(i / outside.length);
    return isNear(table, row, inside, limit);
  });
  return { rows, judged: outside, radius };
}

/** Rows of equal weight per column, the columns that vary most first: they tell pairs apart soonest. */
interface Table {
  /** (n, leading) the first columns, zeros where there are fewer. */
  readonly first: Float32Array;
  /** (n, width) the others. */
  readonly others: Float32Array;
  readonly width: number;
}

function comparable({ data, shape: [n, ...row] }: NdArray): Table {
  const columns = row.reduce((product, axis) => product * axis, 1);
  const means = new Float64Array(columns);
  const variances = new Float64Array(columns);
  for (let at = 0; at < data.length; at += 1) means[at % columns] += data[at] / n;
  for (let at = 0; at < data.length; at += 1) variances[at % columns] += (data[at] - means[at % columns]) ** 2 / n;
  const kept = [...variances.keys()].filter((j) => variances[j] > 0).sort((a, b) => variances[b] - variances[a]);
  const scales = kept.map((j) => (row.length === 1 ? 1 / Math.sqrt(variances[j]) : 1));
  const width = Math.max(0, kept.length - leading);
  const first = new Float32Array(n * leading);
  const others = new Float32Array(n * width);
  for (let i = 0; i < n; i += 1)
    kept.forEach((j, place) => {
      const value = (data[i * columns + j] - means[j]) * scales[place];
      if (place < leading) first[i * leading + place] = value;
      else others[i * width + place - leading] = value;
    });
  return { first, others, width };
}

function isNear(table: Table, row: number, inside: Int32Array, limit: number): boolean {
  for (let i = 0; i < inside.length; i += 1) if (squaredDistance(table, row, inside[i], limit) <= limit) return true;
  return false;
}

/** Median distance to the nearest row that is not equal; 0 where all are equal. */
function nearestDistance(table: Table, rows: Int32Array, random: Random): number {
  const distances: number[] = [];
  for (const row of chosen(rows, scaleRows, random)) {
    let nearest = Infinity;
    for (const other of rows) {
      const squared = squaredDistance(table, row, other, nearest);
      if (squared > 0 && squared < nearest) nearest = squared;
    }
    if (nearest < Infinity) distances.push(Math.sqrt(nearest));
  }
  return distances.length === 0 ? 0 : median(Float64Array.from(distances));
}

/** Of rows a and b; once above `limit`, anything above it. */
function squaredDistance({ first, others, width }: Table, a: number, b: number, limit: number): number {
  let sum = 0;
  for (let i = a * leading, j = b * leading; i < (a + 1) * leading; i += 1, j += 1) {
    const difference = first[i] - first[j];
    sum += difference * difference;
  }
  for (let start = 0; start < width && sum <= limit; start += leading) {
    const end = Math.min(width, start + leading);
    for (let at = start; at < end; at += 1) {
      const difference = others[a * width + at] - others[b * width + at];
      sum += difference * difference;
    }
  }
  return sum;
}

function rowsOf(side: Uint8Array, wanted: number): Int32Array {
  const rows: number[] = [];
  side.forEach((value, row) => {
    if (value === wanted) rows.push(row);
  });
  return Int32Array.from(rows);
}

/** All rows, or so many at random; ascending. */
function chosen(rows: Int32Array, most: number, random: Random): Int32Array {
  if (rows.length <= most) return rows;
  return Int32Array.from(random.sample(rows.length, most), (at) => rows[at]).sort();
}
