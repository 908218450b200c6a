import type { TrainingTrajectory } from '../unlearning/signals.js';

/** What was seen of each sample after every epoch of one run, against the labels the run was taught. */
export type RunTrace = Required<
  Pick<TrainingTrajectory, 'steps' | 'totalSteps' | 'loss' | 'gradientNorm' | 'el2n' | 'correct'>
>;

/** Mean over runs, sample by sample: (n). Infinite in one run is infinite in the mean. */
export function meanOverRuns(runs: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from(runs[0], (_, i) => runs.reduce((sum, run) => sum + run[i], 0) / runs.length);
}
