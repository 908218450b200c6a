import { EngramError } from '@engram/domain';
import { argsort } from './argsort.js';

/** A non-decreasing fit: its value at each input, and at any other place. */
export interface IsotonicFit {
  /** (n) fitted values in the order of the inputs. */
  readonly fitted: Float64Array;
  /** Fit at `x`: linear between the observed places, constant beyond them. */
  predict(x: number): number;
}

/**
 * Least-squares non-decreasing regression of y on x by pooling adjacent violators. Equal x are pooled first.
 *
 * @param x (n) finite.
 * @param y (n) finite.
 * @param weights (n) positive; all 1 by default.
 * @returns the fit.
 * @throws ENG_SHAPE_MISMATCH lengths differ. ENG_INSUFFICIENT_SAMPLES no points. ENG_VALUES_NOT_FINITE x holds NaN.
 * @see Barlow, Bartholomew, Bremner and Brunk 1972, "Statistical Inference under Order Restrictions".
 */
export function isotonicRegression(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weights?: ArrayLike<number>,
): IsotonicFit {
  if (x.length !== y.length || (weights !== undefined && weights.length !== x.length)) {
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected as many y and weights as the ${x.length} x, got ${y.length} and ${weights?.length ?? 'none'}`,
    );
  }
  if (x.length === 0) {
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected at least one point to fit, got none');
  }
  const places: number[] = [];
  const blocks: Block[] = [];
  for (const index of argsort(x)) {
    const weight = weights?.[index] ?? 1;
    if (places.at(-1) === x[index]) {
      const last = blocks.at(-1)!;
      last.value = (last.value * last.weight + y[index]! * weight) / (last.weight + weight);
      last.weight += weight;
    } else {
      places.push(x[index]!);
      blocks.push({ value: y[index]!, weight, places: 1 });
    }
  }
  const levels = spread(poolViolators(blocks), places.length);
  const predict = (at: number) => interpolate(places, levels, at);
  return { fitted: Float64Array.from(x, predict), predict };
}

interface Block {
  value: number;
  weight: number;
  places: number;
}

function poolViolators(blocks: readonly Block[]): Block[] {
  const pooled: Block[] = [];
  for (const block of blocks) {
    let current = { ...block };
    while (pooled.length > 0 && pooled.at(-1)!.value >= current.value) {
      const before = pooled.pop()!;
      const weight = before.weight + current.weight;
      current = {
        value: (before.value * before.weight + current.value * current.weight) / weight,
        weight,
        places: before.places + current.places,
      };
    }
    pooled.push(current);
  }
  return pooled;
}

function spread(blocks: readonly Block[], count: number): Float64Array {
  const levels = new Float64Array(count);
  let start = 0;
  for (const block of blocks) {
    levels.fill(block.value, start, start + block.places);
    start += block.places;
  }
  return levels;
}

function interpolate(places: readonly number[], levels: Float64Array, at: number): number {
  let low = 0;
  let high = places.length - 1;
  if (at <= places[low]!) return levels[low]!;
  if (at >= places[high]!) return levels[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (places[middle]! <= at) low = middle;
    else high = middle;
  }
  const share = (at - places[low]!) / (places[high]! - places[low]!);
  return levels[low]! + share * (levels[high]! - levels[low]!);
}
