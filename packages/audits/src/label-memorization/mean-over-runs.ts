import { type Measured, notMeasured } from '@engram/domain';
import { mean } from '@engram/numeric';
import { meanInterval } from '../difficulty/mean-interval.js';

/**
 * The mean of a fraction measured in several runs. Runs differ in seeds and flips but share the samples, so the interval
 * is Student's over runs and never narrower than theirs are on average: three runs that happen to agree prove little.
 *
 * @param perRun one number per run with its own interval, fractions in [0, 1].
 * @param confidence two-sided, a fraction.
 * @returns `n` = runs; the one run's own number when there is only one. Not measured when a run is not.
 */
export function meanOverRuns(perRun: readonly Measured[], confidence: number): Measured {
  const runs = perRun.flatMap((run) => (run.status === 'measured' ? [run] : []));
  if (runs.length < perRun.length || runs.length === 0)
    return (
      perRun.find((run) => run.status === 'notMeasured') ??
      notMeasured('ENG_INSUFFICIENT_SAMPLES', 'no run to take a mean of')
    );
  if (runs.length === 1) return runs[0];
  const values = runs.map(({ value }) => value);
  const over = meanInterval(values, confidence);
  if (over.status !== 'measured') return over;
  return {
    ...over,
    low: Math.max(0, Math.min(over.low, mean(runs.map(({ low }) => low)))),
    high: Math.min(1, Math.max(over.high, mean(runs.map(({ high }) => high)))),
  };
}

/**
 * The mean of counts of several runs, rounded, to be taken out of the samples of one run: runs share samples, so the
 * interval of a rate over all of them together would claim more than they show.
 */
export function meanCount(counts: ArrayLike<number>): number {
  return Math.round(mean(counts));
}
