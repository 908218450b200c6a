import { createRandom, deriveSeed } from '@engram/numeric';
import { clipTo, type InputRange } from './input-range.js';
import { askLabels, type LabelOracle, rowWidth } from './label-oracle.js';

/** Points whose class is known, to start walks to the decision boundary from. */
export interface BoundaryStarts {
  /** (m, width) */
  readonly points: Float32Array;
  /** (m) the class the model gives each. */
  readonly labels: Int32Array;
}

/** Uniform points of the input range that stand beside the given rows. */
const noisePoints = 64;

/**
 * Makes starting points of a few rows of the data and as many points of pure noise, and asks the model about each. Noise
 * alone is often all of one class, which leaves samples of that class without a start.
 *
 * @param rows (k, width) flat.
 */
export async function boundaryStarts(
  rows: Float32Array,
  range: InputRange,
  oracle: LabelOracle,
  seed: number,
): Promise<BoundaryStarts> {
  const width = rowWidth(oracle);
  const random = createRandom(deriveSeed(seed, 'starts'));
  const points = new Float32Array(rows.length + noisePoints * width);
  points.set(rows.map((value) => clipTo(range, value)));
  for (let j = rows.length; j < points.length; j += 1) points[j] = range[0] + (range[1] - range[0]) * random.uniform();
  const labels = new Int32Array(points.length / width);
  await askLabels(
    oracle,
    labels.length,
    (i, row) => row.set(points.subarray(i * width, (i + 1) * width)),
    (i, label) => {
      labels[i] = label;
    },
  );
  return { points, labels };
}

/** The nearest start the model does not call `label`; -1 when it calls all of them that. */
export function nearestStart({ points, labels }: BoundaryStarts, row: Float32Array, label: number): number {
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let start = 0; start < labels.length; start += 1) {
    if (labels[start] === label) continue;
    let squares = 0;
    for (let j = 0; j < row.length && squares < least; j += 1)
      squares += (points[start * row.length + j] - row[j]) ** 2;
    if (squares >= least) continue;
    least = squares;
    nearest = start;
  }
  return nearest;
}
