import { isotonicRegression, quantile } from '@engram/numeric';
import { rankBins } from './bins.js';

/** Steps expected for a sample of some difficulty. */
export interface PredictedSteps {
  readonly steps: number;
  /** 10th to 90th percentile of the probed samples of its bin. */
  readonly low: number;
  readonly high: number;
  readonly bin: number;
}

export interface StepPredictor {
  predict(difficulty: number): PredictedSteps;
}

/** Samples whose unlearning was actually run. */
export interface ProbedSamples {
  /** (m) estimated difficulty; ranks and logarithms are taken, so at least 0. */
  readonly difficulty: Float64Array;
  /** (m) steps to the retrained level; the budget where it was not reached. */
  readonly steps: Float64Array;
  /** Interval of the rank correlation of the two. */
  readonly correlation: { readonly low: number; readonly high: number };
}

/**
 * Steps predicted from difficulty: an isotonic fit through the bins' median steps at the logarithm of their median
 * difficulty.
 *
 * @param bins of equal size; 5.
 * @returns null when the interval of the rank correlation holds 0: then difficulty predicts nothing, and no number is
 *   given.
 */
export function fitStepPredictor({ difficulty, steps, correlation }: ProbedSamples, bins = 5): StepPredictor | null {
  if (!(correlation.low > 0 || correlation.high < 0)) return null;
  const binOf = rankBins(difficulty, bins);
  const rows = Array.from({ length: bins }, (_, bin) => ({
    bin,
    difficulty: difficulty.filter((_value, i) => binOf[i] === bin),
    steps: steps.filter((_value, i) => binOf[i] === bin),
  })).filter((row) => row.steps.length > 0);
  const fit = isotonicRegression(
    rows.map((row) => logOf(quantile(row.difficulty, 0.5))),
    rows.map((row) => quantile(row.steps, 0.5)),
    rows.map((row) => row.steps.length),
  );
  const upperEdges = rows.map((row) => quantile(row.difficulty, 1));
  return {
    predict(value) {
      const at = upperEdges.findIndex((edge) => value <= edge);
      const row = rows[at < 0 ? rows.length - 1 : at];
      return {
        steps: fit.predict(logOf(value)),
        low: quantile(row.steps, 0.1),
        high: quantile(row.steps, 0.9),
        bin: row.bin,
      };
    },
  };
}

function logOf(difficulty: number): number {
  return Math.log(Math.max(difficulty, Number.MIN_VALUE));
}
