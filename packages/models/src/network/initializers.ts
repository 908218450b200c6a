import { EngramError, type NdArray } from '@engram/domain';
import { createRandom, type Random } from '@engram/numeric';
import { z } from 'zod';

/** Draws a weight of the given shape. */
export type Initializer = (shape: readonly number[], random: Random) => Float32Array;

const number = z.number().finite();
const serialized = z.looseObject({ class_name: z.string(), config: z.looseObject({}).default({}) });
const varianceScaling = z.looseObject({
  scale: number.default(1),
  mode: z.enum(['fan_in', 'fan_out', 'fan_avg']).default('fan_in'),
  distribution: z.enum(['normal', 'truncated_normal', 'untruncated_normal', 'uniform']).default('normal'),
});
type VarianceScaling = z.infer<typeof varianceScaling>;

const named: Readonly<Record<string, VarianceScaling>> = {
  GlorotUniform: { scale: 1, mode: 'fan_avg', distribution: 'uniform' },
  GlorotNormal: { scale: 1, mode: 'fan_avg', distribution: 'truncated_normal' },
  HeUniform: { scale: 2, mode: 'fan_in', distribution: 'uniform' },
  HeNormal: { scale: 2, mode: 'fan_in', distribution: 'truncated_normal' },
  LecunUniform: { scale: 1, mode: 'fan_in', distribution: 'uniform' },
  LecunNormal: { scale: 1, mode: 'fan_in', distribution: 'truncated_normal' },
};

/**
 * The initializer a layer was saved with, so that a reference starts where the target's training did in distribution.
 * As the frameworks do, `normal` means normal truncated at two standard deviations: uncorrected as TensorFlow.js writes it,
 * `truncated_normal` corrected to the stated variance as Keras does.
 *
 * @param config the serialized initializer; null or absent means `fallback`.
 * @throws ENG_MODEL_UNSUPPORTED for an initializer that is not known here.
 */
export function parseInitializer(config: unknown, fallback: string, layer: string): Initializer {
  const { class_name: kind, config: settings } = serialized.parse(config ?? { class_name: fallback, config: {} });
  const preset = Object.entries(named).find(
    ([name]) => name.toLowerCase() === kind.replaceAll('_', '').toLowerCase(),
  )?.[1];
  if (preset !== undefined) return scaled(preset);
  const read = (name: string, otherwise: number) => number.default(otherwise).parse(settings[name] ?? undefined);
  switch (kind) {
    case 'VarianceScaling':
      return scaled(varianceScaling.parse(settings));
    case 'Zeros':
      return (shape) => new Float32Array(sizeOf(shape));
    case 'Ones':
      return (shape) => new Float32Array(sizeOf(shape)).fill(1);
    case 'Constant':
      return (shape) => new Float32Array(sizeOf(shape)).fill(read('value', 0));
    case 'RandomNormal':
      return (shape, random) => draw(shape, () => read('mean', 0) + read('stddev', 0.05) * random.normal());
    case 'TruncatedNormal':
      return (shape, random) => draw(shape, () => read('mean', 0) + read('stddev', 0.05) * truncatedNormal(random));
    case 'RandomUniform': {
      const low = read('minval', -0.05);
      const high = read('maxval', 0.05);
      return (shape, random) => draw(shape, () => low + (high - low) * random.uniform());
    }
    case 'Orthogonal':
      return (shape, random) => orthogonal(shape, read('gain', 1), random);
    case 'Identity':
      return (shape) => {
        const values = new Float32Array(sizeOf(shape));
        for (let i = 0; i < Math.min(...shape); i++) values[i * shape[1]! + i] = read('gain', 1);
        return values;
      };
    default:
      throw new EngramError(
        'ENG_MODEL_UNSUPPORTED',
        `layer "${layer}" uses the initializer ${kind}, which is not known here`,
        {
          remedy: 'Save the model with one of the standard initializers; only retraining needs it.',
        },
      );
  }
}

/** Draws one weight; the stream depends on the seed alone, so weights can be drawn in any order. */
export function initialise(initializer: Initializer, shape: readonly number[], seed: number): NdArray<Float32Array> {
  return { data: initializer(shape, createRandom(seed)), shape };
}

function scaled({ scale, mode, distribution }: VarianceScaling): Initializer {
  return (shape, random) => {
    const [fanIn, fanOut] = fans(shape);
    const fan = mode === 'fan_in' ? fanIn : mode === 'fan_out' ? fanOut : (fanIn + fanOut) / 2;
    const deviation = Math.sqrt(scale / Math.max(1, fan));
    if (distribution === 'uniform') {
      const limit = Math.sqrt(3) * deviation;
      return draw(shape, () => limit * (2 * random.uniform() - 1));
    }
    if (distribution === 'untruncated_normal') return draw(shape, () => deviation * random.normal());
    // Standard deviation of the standard normal truncated at ±2.
    const correction = distribution === 'truncated_normal' ? 0.8796256610342398 : 1;
    return draw(shape, () => (deviation / correction) * truncatedNormal(random));
  };
}

/** Fan-in and fan-out as Keras counts them: a convolution's receptive field multiplies both. */
function fans(shape: readonly number[]): [number, number] {
  if (shape.length < 2) return [sizeOf(shape), sizeOf(shape)];
  const field = sizeOf(shape.slice(0, -2));
  return [shape.at(-2)! * field, shape.at(-1)! * field];
}

/** Rows or columns orthonormal, whichever are fewer, times `gain`: modified Gram-Schmidt on normal draws. */
function orthogonal(shape: readonly number[], gain: number, random: Random): Float32Array {
  const columns = shape.at(-1)!;
  const rows = sizeOf(shape) / columns;
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const basis: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (const other of basis) {
      const dot = vector.reduce((sum, value, k) => sum + value * other[k]!, 0);
      for (let k = 0; k < length; k++) vector[k]! -= dot * other[k]!;
    }
    const norm = Math.hypot(...vector);
    basis.push(vector.map((value) => value / norm));
  }
  const byRow = rows < columns;
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return gain * (byRow ? basis[row]![column]! : basis[column]![row]!);
  });
}

function truncatedNormal(random: Random): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

function draw(shape: readonly number[], next: () => number): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  for (let at = 0; at < values.length; at++) values[at] = next();
  return values;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
