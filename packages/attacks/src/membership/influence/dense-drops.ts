import type { KernelMatrix } from '@engram/domain';
import { sweepInverse } from '@engram/numeric';
import { type Band, bandsOf, type Strip } from './curvature-bands.js';
import type { DropSettings } from './drop-settings.js';
import { type LastLayer, layerSize } from './last-layer.js';
import { freePortion, type LayerPortion, layerPortion } from './layer-portion.js';
import { withoutItself } from './without-itself.js';

/** Doubles in the largest matrix of a portion of the samples: bounds memory and the time between two pauses. */
const valuesPerPortion = 2 ** 22;
const mostSamplesPerPortion = 1024;

/**
 * Drops through the inverse of H = weight * sum_j J_j' C_j J_j + penalty I, formed once: with dim weights some
 * samples * dim^2 floating-point operations for H, dim^3 to invert it, samples * dim^2 for the drops.
 *
 * @returns (samples) the drops.
 */
export async function denseDrops(layer: LastLayer, settings: DropSettings): Promise<Float64Array> {
  const { samples, width, units } = layerSize(layer);
  const bands = bandsOf(layerSize(layer));
  // Forming, inverting and applying take samples, dim and samples parts of the time.
  const [forming, whole] = [samples, 2 * samples + width * units];
  const within = (start: number, parts: number): DropSettings => ({
    ...settings,
    pause: (share) => settings.pause((start + share * parts) / whole),
  });
  const tiles = await curvatureTiles(layer, bands, within(0, forming));
  try {
    await sweepInverse(settings.kernels, tiles, within(forming, width * units).pause);
  } catch (error) {
    settings.kernels.free(tiles.flat());
    throw error;
  }
  const inverse = inverseStrips(bands, tiles, width, settings);
  try {
    return await dropsThrough(layer, inverse, within(forming + width * units, samples));
  } finally {
    settings.kernels.free(inverse.map(({ rows }) => rows));
  }
}

/** Tiles of H on and below the diagonal. */
async function curvatureTiles(
  layer: LastLayer,
  bands: readonly Band[],
  settings: DropSettings,
): Promise<KernelMatrix[][]> {
  const { kernels } = settings;
  const { width, units } = layerSize(layer);
  const sums: KernelMatrix[] = bands.map(({ start, end }) => penaltyBand(start, end, settings));
  const addPortion = (portion: LayerPortion) => {
    // (samples, dim) probability times input: a softmax ties its units by the products of these.
    const spread = kernels.scope(() =>
      units === 1 ? portion.inputs : kernels.beside(portion.probabilities.map((p) => kernels.times(portion.inputs, p))),
    );
    bands.forEach((band, at) => {
      const sum = sums[at]!;
      sums[at] = kernels.scope(() => kernels.plus(sum, bandOfPortion(portion, spread, band, settings)));
      kernels.free([sum]);
    });
    if (units > 1) kernels.free([spread]);
  };
  try {
    await forPortions(layer, Math.max(width * units, units ** 2), settings, addPortion);
    return sums.map((sum, i) => bands.slice(0, i + 1).map(({ start, end }) => kernels.columns(sum, start, end)));
  } finally {
    kernels.free(sums);
  }
}

/** Rows of the penalty on the diagonal, to the right as far as the band's own columns. */
function penaltyBand(start: number, end: number, { kernels, penalty }: DropSettings): KernelMatrix {
  const data = new Float64Array((end - start) * end);
  for (let row = 0; row < end - start; row += 1) data[row * end + start + row] = penalty;
  return kernels.matrix(data, end - start, end);
}

/** What a portion of the samples adds to one band of H. */
function bandOfPortion(
  { inputs, curvature, probabilities }: LayerPortion,
  spread: KernelMatrix,
  { strips, end }: Band,
  { kernels, weight }: DropSettings,
): KernelMatrix {
  const width = inputs.columns;
  const scale = (size: number) => kernels.matrix(Float64Array.of(size), 1, 1);
  const rows = strips.map(({ unit, from, to }) => {
    const own = unit * width;
    const x = kernels.columns(inputs, from, to);
    const tied = kernels.times(x, kernels.times(probabilities[unit]!, scale(-weight)));
    const weighted = kernels.times(x, kernels.times(curvature[unit]!, scale(weight)));
    const ties = (first: number, last: number) =>
      first < last ? [kernels.product(tied, kernels.columns(spread, first, last), 'first')] : [];
    return kernels.beside([
      ...ties(0, own),
      kernels.product(weighted, kernels.columns(inputs, 0, Math.min(width, end - own)), 'first'),
      ...ties(own + width, end),
    ]);
  });
  return kernels.above(rows);
}

/** Rows of H^-1, to the right as far as the columns of their own unit. */
interface InverseStrip extends Strip {
  readonly rows: KernelMatrix;
}

/** @param tiles freed as they are read. */
function inverseStrips(
  bands: readonly Band[],
  tiles: KernelMatrix[][],
  width: number,
  { kernels }: DropSettings,
): InverseStrip[] {
  return bands.flatMap(({ strips, start }, i) => {
    const end = (strips.at(-1)!.unit + 1) * width;
    // Of a unit in several bands also what lies to the right, from the tiles below the diagonal.
    const later = bands.flatMap((band, j) => (j > i && band.start < end ? [j] : []));
    const rows = kernels.scope(() => {
      const band = kernels.beside([...tiles[i]!, ...later.map((j) => kernels.transposed(tiles[j]![i]!))]);
      return strips.map(({ unit, from, to }) => {
        const row = unit * width + from - start;
        return kernels.columns(kernels.rows(band, row, row + to - from), 0, (unit + 1) * width);
      });
    });
    kernels.free(tiles[i]!);
    return strips.map((strip, at) => ({ ...strip, rows: rows[at]! }));
  });
}

/** (units, units) Q_i = J_i H^-1 J_i' of every sample, from which its own curvature is then taken out. */
async function dropsThrough(
  layer: LastLayer,
  inverse: readonly InverseStrip[],
  settings: DropSettings,
): Promise<Float64Array> {
  const { kernels, weight } = settings;
  const { samples, width, units } = layerSize(layer);
  const drops = new Float64Array(samples);
  await forPortions(layer, Math.max(width * units, units ** 2), settings, ({ inputs, errors }, first) => {
    const reach = errors.map(() => new Float64Array(units * units));
    for (let a = 0; a < units; a += 1) {
      const products = kernels.scope(() => {
        const parts = inverse
          .filter(({ unit }) => unit === a)
          .map(({ from, to, rows }) => kernels.product(kernels.columns(inputs, from, to), rows));
        return kernels.rowProducts(parts.reduce(kernels.plus), inputs);
      });
      const values = kernels.read(products);
      kernels.free([products]);
      reach.forEach((matrix, i) => {
        for (let b = 0; b <= a; b += 1) {
          matrix[a * units + b] = values[i * (a + 1) + b]!;
          matrix[b * units + a] = values[i * (a + 1) + b]!;
        }
      });
    }
    errors.forEach((error, i) => {
      drops[first + i] = error.size * withoutItself(reach[i]!, error, weight);
    });
  });
  return drops;
}

/** @param values doubles a sample takes at once. */
async function forPortions(
  layer: LastLayer,
  values: number,
  { kernels, pause }: DropSettings,
  work: (portion: LayerPortion, first: number) => void,
): Promise<void> {
  const { samples } = layerSize(layer);
  const size = Math.max(1, Math.min(mostSamplesPerPortion, Math.floor(valuesPerPortion / values)));
  for (let from = 0; from < samples; from += size) {
    const to = Math.min(samples, from + size);
    const portion = layerPortion(kernels, layer, from, to);
    try {
      work(portion, from);
    } finally {
      freePortion(kernels, portion);
    }
    await pause(to / samples);
  }
}
