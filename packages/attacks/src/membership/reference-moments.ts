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

/**
 * Moments over the models trained with (`side` 1) or without (`side` 0) each sample.
 *
 * Rows are read in the order they are stored, model by model, twice: once for the means and once for the squares, since
 * a sum of squares about zero would cancel for confident models.
 */
export function referenceMoments(bank: ReferenceValues, side: 0 | 1, location: Location): SideMoments {
  const n = bank.values.length / bank.models;
  const moments = meansOf(bank, side, n);
  if (location !== 'mean') replaceByMedians(moments, bank, side, location);
  const { count, location: centre } = moments;
  const sumSquares = new Float64Array(n);
  for (let model = 0; model < bank.models; model += 1) {
    const row = model * n;
    for (let i = 0; i < n; i += 1) {
      if (bank.trainedOn[row + i] !== side) continue;
      const deviation = bank.values[row + i] - centre[i];
      sumSquares[i] += deviation * deviation;
    }
  }
  return { count, location: centre, sumSquares };
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

function meansOf({ models, trainedOn, values }: ReferenceValues, side: 0 | 1, n: number) {
  const count = new Int32Array(n);
  const location = new Float64Array(n);
  for (let model = 0; model < models; model += 1) {
    const row = model * n;
    for (let i = 0; i < n; i += 1) {
      if (trainedOn[row + i] !== side) continue;
      count[i] += 1;
      location[i] += values[row + i];
    }
  }
  for (let i = 0; i < n; i += 1) location[i] /= count[i];
  return { count, location };
}

function replaceByMedians(
  moments: { readonly count: Int32Array; readonly location: Float64Array },
  { models, trainedOn, values }: ReferenceValues,
  side: 0 | 1,
  location: Location,
): void {
  const n = moments.count.length;
  const column = new Float64Array(models);
  for (let i = 0; i < n; i += 1) {
    if (location === 'auto' && moments.count[i] < enoughForMedian) continue;
    let k = 0;
    for (let at = i; at < values.length; at += n) {
      if (trainedOn[at] === side) column[k++] = values[at];
    }
    if (k === 0) continue;
    const sorted = column.subarray(0, k).sort();
    const half = k >> 1;
    moments.location[i] = k % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
