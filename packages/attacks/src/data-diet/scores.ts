import { cumulativeLosses } from '../membership/cumulative-loss/score.js';
import { earlyErrorNorm } from '../unlearning/el2n/score.js';
import { forgettingEvents } from '../unlearning/forgetting/score.js';
import type { TrainingWindow } from '../unlearning/moments.js';
import { gradientNormScore } from './gradient-norm-score.js';
import type { RunTrace } from './run-trace.js';

/** Data-diet scores of a sample; all are larger for samples learned late, which mislabelled ones are. */
export const dataDietScoreIds = ['cumulativeLoss', 'el2n', 'grand', 'forgetting', 'loss'] as const;
export type DataDietScoreId = (typeof dataDietScoreIds)[number];

/** Epochs 10 to 20 of 200, as published for EL2N and GraNd; the nearest epoch in a short run. */
export const dataDietWindow: TrainingWindow = { from: 0.05, to: 0.1 };

/**
 * Every data-diet score of one run.
 *
 * @param run recorded after each epoch.
 * @param n samples.
 * @returns (n) by score: `el2n` in [0, sqrt 2] and `grand`, means over the early window; `forgetting` events, Infinity =
 *   never learned; `cumulativeLoss` and the `loss` after the last epoch, nats.
 * @throws ENG_ESTIMATOR_NOT_APPLICABLE the run was recorded at step 0.
 */
export function dataDietScores(run: RunTrace, n: number): Readonly<Record<DataDietScoreId, Float64Array>> {
  return {
    cumulativeLoss: cumulativeLosses({ data: run.loss, shape: [run.steps.length, n] }),
    el2n: earlyErrorNorm(run, dataDietWindow).difficulty,
    grand: gradientNormScore(run, dataDietWindow),
    forgetting: forgettingEvents(run.correct, n),
    loss: run.loss.slice(-n),
  };
}
