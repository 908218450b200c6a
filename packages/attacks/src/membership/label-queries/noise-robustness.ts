import { createRandom, deriveSeed } from '@engram/numeric';
import { clipTo, type InputRange } from './input-range.js';
import {
  askLabels,
  type LabelledSamples,
  type LabelMeasurement,
  type LabelOracle,
  rowWidth,
  sampleRow,
} from './label-oracle.js';

/** Points of the grid of noise levels. */
export const noiseLevels = 8;
const weakest = 0.01;

export interface NoiseSettings {
  /** Noisy copies of a sample at each level. */
  readonly draws: number;
  readonly range: InputRange;
  readonly seed: number;
}

/** Standard deviations asked about, in units of the input: from 1 % to 100 % of its range, evenly on a log scale. */
export function noiseGrid([lowest, highest]: InputRange): Float64Array {
  const span = highest - lowest;
  return Float64Array.from({ length: noiseLevels }, (_, k) => span * weakest ** (1 - k / (noiseLevels - 1)));
}

/**
 * The largest Gaussian noise under which most draws of a sample keep its label: a cheap stand-in for the distance to the
 * decision boundary. Levels are tried from the weakest up, and a sample is left alone once it loses its label.
 *
 * @returns (n) a level of {@link noiseGrid}, 0 for samples misclassified as they are or at the weakest level; at most
 *   9 values, so samples tie. Higher = more member-like. At most 1 + 8 `draws` queries per sample.
 * @see Choquette-Choo et al. 2021, "Label-Only Membership Inference Attacks", on robustness to random noise.
 */
export async function noiseRobustness(
  samples: LabelledSamples,
  oracle: LabelOracle,
  { draws, range, seed }: NoiseSettings,
): Promise<LabelMeasurement> {
  const width = rowWidth(oracle);
  const n = samples.labels.length;
  const values = new Float64Array(n);
  let pending: number[] = [];
  let queries = n;
  await askLabels(
    oracle,
    n,
    (i, row) => row.set(sampleRow(samples, width, i)),
    (i, label) => {
      if (label === samples.labels[i]) pending.push(i);
    },
  );
  for (const [k, level] of noiseGrid(range).entries()) {
    const kept = new Int32Array(pending.length);
    let random = createRandom(0);
    const write = (query: number, row: Float32Array) => {
      const sample = pending[Math.floor(query / draws)];
      if (query % draws === 0) random = createRandom(deriveSeed(seed, 'noise', samples.first + sample, k));
      for (let j = 0; j < width; j += 1)
        row[j] = clipTo(range, samples.inputs[sample * width + j] + level * random.normal());
    };
    await askLabels(oracle, pending.length * draws, write, (query, label) => {
      const at = Math.floor(query / draws);
      kept[at] += Number(label === samples.labels[pending[at]]);
    });
    queries += pending.length * draws;
    pending = pending.filter((_, at) => 2 * kept[at] > draws);
    for (const sample of pending) values[sample] = level;
  }
  return { values, queries };
}
