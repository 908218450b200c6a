import { type Measured, notMeasured } from '@engram/domain';
import { median } from '@engram/numeric';

/**
 * The median of one number per run with the range of the runs, whose coverage of the median over all runs is known without
 * any distribution: `confidence` = 1 - 2^(1 - runs), or more where runs tie.
 *
 * @returns `n` = runs, `low` and `high` the least and the largest; not measured with ENG_INSUFFICIENT_SAMPLES for one run.
 */
export function medianOverRuns(values: readonly number[]): Measured {
  const n = values.length;
  if (n < 2) return notMeasured('ENG_INSUFFICIENT_SAMPLES', 'one run has no spread; ask for two runs or more');
  return {
    status: 'measured',
    value: median(Float64Array.from(values)),
    low: Math.min(...values),
    high: Math.max(...values),
    confidence: 1 - 2 ** (1 - n),
    n,
    method: 'order',
  };
}
