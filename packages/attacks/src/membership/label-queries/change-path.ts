import type { InputRange } from './input-range.js';

/** The least change tried, as a share of the input range. */
const leastBudget = 0.0005;

/** The changes of a sample that are tried one after another, each larger than the last. */
export interface PathSettings {
  readonly steps: number;
  /** The largest change of a value, as a share of the input range. */
  readonly largestChange: number;
  readonly range: InputRange;
}

/** Most that any value of an input may have changed after each step, in units of the input, evenly on a log scale. */
export function changeBudgets({ steps, largestChange, range: [lowest, highest] }: PathSettings): Float64Array {
  const least = Math.min(leastBudget, largestChange);
  return Float64Array.from({ length: steps }, (_, t) => {
    const share = steps === 1 ? 1 : t / (steps - 1);
    return (highest - lowest) * least * (largestChange / least) ** share;
  });
}

/** A sample on its way, flat. */
export interface ChangedRow {
  /** (width) as it has become. */
  readonly values: Float32Array;
  /** (width) as it was. */
  readonly origin: Float32Array;
  /** (width) the directions of all steps so far added up, each of sum of absolute values 1. */
  readonly momentum: Float32Array;
}

/**
 * One step against a gradient: every value moves by `size` against the sign of the momentum, stays within `budget` of
 * what it was, and within the range.
 *
 * @param gradient (width)
 * @see Dong et al. 2018, "Boosting Adversarial Attacks with Momentum", algorithm 1, decay 1.
 */
export function stepAgainst(
  gradient: Float32Array,
  { values, origin, momentum }: ChangedRow,
  {
    size,
    budget,
    range: [lowest, highest],
  }: { readonly size: number; readonly budget: number } & Pick<PathSettings, 'range'>,
): void {
  const norm = gradient.reduce((sum, slope) => sum + Math.abs(slope), 0);
  if (norm === 0) return;
  for (let j = 0; j < values.length; j += 1) {
    momentum[j] += gradient[j] / norm;
    const moved = values[j] - size * Math.sign(momentum[j]);
    const near = Math.min(origin[j] + budget, Math.max(origin[j] - budget, moved));
    values[j] = Math.min(highest, Math.max(lowest, near));
  }
}
