import type { KernelMatrix } from '@engram/domain';
import { sweepInverse } from '@engram/numeric';
import { conjugateGradients } from './conjugate-gradients.js';
import { bandsOf } from './curvature-bands.js';
import type { DropSettings } from './drop-settings.js';
import { inputOf, type LastLayer, layerSize } from './last-layer.js';
import { freePortion, type LayerPortion, layerPortion } from './layer-portion.js';

const iterations = 100;
/** The error of a drop goes with its square. */
const tolerance = 1e-5;
/** Wider inputs are preconditioned by the diagonal alone: their inverse would not fit. */
const widestInverse = 4096;
/** Systems solved side by side, and doubles in one of their products. */
const mostSystems = 64;
const valuesAtOnce = 2 ** 23;

/**
 * Drops where H is too large to form: one linear system a sample, of H without that sample, by conjugate gradients, many
 * samples side by side. H is applied through the samples, 4 * samples * dim operations a step and sample.
 *
 * Preconditioned by one matrix for all units, the mean curvature of a unit: like H it keeps apart what moves all classes
 * alike, which no probability feels. Stopped early, a drop is too small, never too large.
 *
 * @returns (samples) the drops.
 */
export async function iterativeDrops(layer: LastLayer, settings: DropSettings): Promise<Float64Array> {
  const { kernels, pause } = settings;
  const { samples, width, units } = layerSize(layer);
  const all = layerPortion(kernels, layer, 0, samples);
  const held: KernelMatrix[] = [];
  try {
    const system = lastLayerSystem(all, settings);
    held.push(...system.held);
    const about = await inverseOfMean(all, settings);
    held.push(about);
    const precondition = (rows: KernelMatrix) =>
      onUnits(settings, width, rows, (part) =>
        about.rows > 1 ? kernels.product(part, about) : kernels.times(part, about),
      );
    const size = Math.max(1, Math.min(mostSystems, Math.floor(valuesAtOnce / (units * Math.max(samples, width)))));
    const drops = new Float64Array(samples);
    for (let first = 0; first < samples; first += size) {
      const last = Math.min(samples, first + size);
      const right = kernels.scope(() => rightSides(layer, all, first, last, settings));
      const others = kernels.scope(() => allButThemselves(first, last, samples, settings));
      held.push(right, others);
      const solution = await conjugateGradients(kernels, right, {
        apply: (rows) => system.apply(rows, others),
        precondition,
        iterations,
        tolerance,
        pause: () => pause(first / samples),
      });
      const products = kernels.scope(() => kernels.rowProducts(right, solution));
      kernels.read(products).forEach((product, i) => {
        drops[first + i] = all.errors[first + i]!.size * product;
      });
      kernels.free([products, solution, ...held.splice(-2)]);
      await pause(last / samples);
    }
    return drops;
  } finally {
    kernels.free(held);
    freePortion(kernels, all);
  }
}

/** (systems, dim) rows v, each through H without one sample. */
function lastLayerSystem(all: LayerPortion, settings: DropSettings) {
  const { kernels, weight, penalty } = settings;
  const { inputs, curvature } = all;
  const units = curvature.length;
  const scalar = (value: number) => kernels.matrix(Float64Array.of(value), 1, 1);
  // One row each, over the samples.
  const own = kernels.scope(() => curvature.map((each) => kernels.times(kernels.transposed(each), scalar(weight))));
  const shares = kernels.scope(() => (units === 1 ? [] : all.probabilities.map((each) => kernels.transposed(each))));
  /** @param others (systems, samples) 0 for the sample each system is without. */
  const apply = (rows: KernelMatrix, others: KernelMatrix): KernelMatrix => {
    const width = inputs.columns;
    const outputs = curvature.map((_, a) =>
      kernels.times(kernels.product(kernels.columns(rows, a * width, (a + 1) * width), inputs, 'second'), others),
    );
    // A softmax ties each unit to the mean output of the others.
    const parts = shares.map((share, a) => kernels.times(outputs[a]!, share));
    const tied = parts.length === 0 ? null : parts.reduce(kernels.plus);
    const seen = outputs.map((output, a) => {
      const alone = kernels.times(output, own[a]!);
      if (tied === null) return alone;
      const ties = kernels.times(kernels.minus(tied, parts[a]!), shares[a]!);
      return kernels.minus(alone, kernels.times(ties, scalar(weight)));
    });
    return kernels.plus(
      kernels.beside(seen.map((each) => kernels.product(each, inputs))),
      kernels.times(rows, scalar(penalty)),
    );
  };
  return { held: [...own, ...shares], apply };
}

/** (last - first, dim) derivatives of a sample's loss by the weights, over their size. */
function rightSides(
  layer: LastLayer,
  { errors }: LayerPortion,
  first: number,
  last: number,
  { kernels }: DropSettings,
): KernelMatrix {
  const { width, units } = layerSize(layer);
  const data = new Float64Array((last - first) * width * units);
  for (let i = first; i < last; i += 1) {
    const x = inputOf(layer, i);
    errors[i]!.direction.forEach((slope, a) => {
      const from = ((i - first) * units + a) * width;
      for (let k = 0; k < width; k += 1) data[from + k] = slope * x[k]!;
    });
  }
  return kernels.matrix(data, last - first, width * units);
}

/** (last - first, samples) 1, and 0 for the sample that a row is about. */
function allButThemselves(first: number, last: number, samples: number, { kernels }: DropSettings): KernelMatrix {
  const data = new Float64Array((last - first) * samples).fill(1);
  for (let i = first; i < last; i += 1) data[(i - first) * samples + i] = 0;
  return kernels.matrix(data, last - first, samples);
}

/** Inverse of weight * sum_j (tr C_j / units) x_j x_j' + penalty I (width, width); or (1, width) that of its diagonal. */
async function inverseOfMean(
  { inputs, curvature }: LayerPortion,
  { kernels, weight, penalty }: DropSettings,
): Promise<KernelMatrix> {
  const width = inputs.columns;
  const share = () => {
    const scale = kernels.matrix(Float64Array.of(weight / curvature.length), 1, 1);
    return kernels.times(curvature.reduce(kernels.plus), scale);
  };
  if (width > widestInverse) {
    const diagonal = kernels.scope(() => kernels.product(share(), kernels.times(inputs, inputs), 'first'));
    const inverse = kernels.read(diagonal).map((value) => 1 / (value + penalty));
    kernels.free([diagonal]);
    return kernels.matrix(inverse, 1, width);
  }
  const bands = bandsOf({ samples: inputs.rows, width, units: 1 });
  const tiles = bands.map(({ start, end }, i) =>
    kernels.scope(() => {
      const weighted = kernels.times(kernels.columns(inputs, start, end), share());
      return bands.slice(0, i + 1).map((band) => {
        const product = kernels.product(weighted, kernels.columns(inputs, band.start, band.end), 'first');
        if (band.start < start) return product;
        const order = end - start;
        const diagonal = Float64Array.from({ length: order ** 2 }, (_, at) => (at % (order + 1) === 0 ? penalty : 0));
        return kernels.plus(product, kernels.matrix(diagonal, order, order));
      });
    }),
  );
  await sweepInverse(kernels, tiles);
  const whole = kernels.scope(() =>
    kernels.above(
      tiles.map((row, i) =>
        kernels.beside([...row, ...tiles.slice(i + 1).map((later) => kernels.transposed(later[i]!))]),
      ),
    ),
  );
  kernels.free(tiles.flat());
  return whole;
}

function onUnits(
  { kernels }: DropSettings,
  width: number,
  rows: KernelMatrix,
  change: (part: KernelMatrix) => KernelMatrix,
): KernelMatrix {
  const units = rows.columns / width;
  const parts = Array.from({ length: units }, (_, a) => change(kernels.columns(rows, a * width, (a + 1) * width)));
  return kernels.beside(parts);
}
