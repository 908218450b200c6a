/** Values of one signal from a bank of models, with who trained on what. */
export interface ReferenceValues {
  readonly models: number;
  /** (models, n) 1 = trained on. */
  readonly trainedOn: Uint8Array;
  /** (models, n). */
  readonly values: Float64Array | Float32Array | Uint8Array;
}

/** Location and spread of one side (in or out) of every sample. */
export interface SideMoments {
  /** (n) models on this side. */
  readonly count: Int32Array;
  /** (n) mean or median of their values; NaN where there is no model. */
  readonly location: Float64Array;
  /** (n) sum of squared deviations from that location. */
  readonly sumSquares: Float64Array;
}

/** `auto`: the mean below eight models, where a median is noisier, the median from eight. */
export type Location = 'mean' | 'median' | 'auto';

const enoughForMedian = 8;

/** Moments of both sides of every sample. */
export interface BothMoments {
  readonly inside: SideMoments;
  readonly outside: SideMoments;
}

/** Samples taken together: few enough that their sums, and the values read twice, stay in the processor's cache. */
const samplesPerBlock = 2048;

/** Moments over the models trained with (`side` 1) or without (`side` 0) each sample. */
export function referenceMoments(bank: ReferenceValues, side: 0 | 1, location: Location): SideMoments {
  const means = momentsAboutMeans(bank)[side];
  return location === 'mean' ? means : aboutMedians(means, bank, side, location);
}

/** Moments over the models trained with and those trained without each sample, in one pass over the bank. */
export function bothMoments(bank: ReferenceValues, location: Location): BothMoments {
  const [outside, inside] = momentsAboutMeans(bank);
  if (location === 'mean') return { inside, outside };
  return {
    inside: aboutMedians(inside, bank, 1, location),
    outside: aboutMedians(outside, bank, 0, location),
  };
}

/**
 * Counts, means and sums of squared deviations of [those trained without, those trained with]. Each value is read twice,
 * since a sum of squares about zero would cancel for confident models; which side it counts on is an index rather than a
 * branch, because a branch on a random mask is guessed wrong every other time.
 */
function momentsAboutMeans({ models, trainedOn, values }: ReferenceValues): readonly [SideMoments, SideMoments] {
  const n = values.length / models;
  const sides = [emptyMoments(n), emptyMoments(n)] as const;
  const counts = new Int32Array(2 * samplesPerBlock);
  const means = new Float64Array(2 * samplesPerBlock);
  const squares = new Float64Array(2 * samplesPerBlock);
  for (let start = 0; start < n; start += samplesPerBlock) {
    const size = Math.min(samplesPerBlock, n - start);
    counts.fill(0);
    means.fill(0);
    squares.fill(0);
    for (let model = 0; model < models; model += 1) {
      const row = model * n + start;
      for (let i = 0; i < size; i += 1) {
        const at = trainedOn[row + i] * samplesPerBlock + i;
        counts[at] += 1;
        means[at] += values[row + i];
      }
    }
    for (let at = 0; at < means.length; at += 1) means[at] /= counts[at];
    for (let model = 0; model < models; model += 1) {
      const row = model * n + start;
      for (let i = 0; i < size; i += 1) {
        const at = trainedOn[row + i] * samplesPerBlock + i;
        const deviation = values[row + i] - means[at];
        squares[at] += deviation * deviation;
      }
    }
    sides.forEach(({ count, location, sumSquares }, side) => {
      const from = side * samplesPerBlock;
      count.set(counts.subarray(from, from + size), start);
      location.set(means.subarray(from, from + size), start);
      sumSquares.set(squares.subarray(from, from + size), start);
    });
  }
  return sides;
}

function emptyMoments(n: number): SideMoments {
  return { count: new Int32Array(n), location: new Float64Array(n), sumSquares: new Float64Array(n) };
}

/**
 * Variance of one side pooled over samples: squared deviations from each sample's own location over the degrees of
 * freedom left. Pooling raw values instead would mix in how much samples differ from each other.
 *
 * @returns NaN when no sample has two models on this side.
 */
export function pooledVariance({ count, sumSquares }: SideMoments): number {
  let squares = 0;
  let freedom = 0;
  for (let i = 0; i < count.length; i += 1) {
    if (count[i] === 0) continue;
    squares += sumSquares[i];
    freedom += count[i] - 1;
  }
  return freedom === 0 ? Number.NaN : squares / freedom;
}

/** The same moments about the median of each sample's values, where `location` asks for it. */
function aboutMedians(
  means: SideMoments,
  { models, trainedOn, values }: ReferenceValues,
  side: 0 | 1,
  location: Location,
): SideMoments {
  const { count } = means;
  const n = count.length;
  const centre = means.location.slice();
  const sumSquares = means.sumSquares.slice();
  const column = new Float64Array(models);
  for (let i = 0; i < n; i += 1) {
    if (count[i] === 0 || (location === 'auto' && count[i] < enoughForMedian)) continue;
    let k = 0;
    for (let at = i; at < values.length; at += n) {
      if (trainedOn[at] === side) column[k++] = values[at];
    }
    const sorted = column.subarray(0, k).sort();
    const half = k >> 1;
    const median = k % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    centre[i] = median;
    sumSquares[i] = sorted.reduce((sum, value) => sum + (value - median) ** 2, 0);
  }
  return { count, location: centre, sumSquares };
}
