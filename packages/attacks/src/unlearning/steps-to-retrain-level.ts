import { EngramError } from '@engram/domain';
import { mean } from '@engram/numeric';

/** A forget set's signal while it is being unlearned, next to the same steps taken from a retrained model. */
export interface UnlearningCurve {
  /** (evaluations) unlearning steps done, increasing. */
  readonly steps: ArrayLike<number>;
  /** (evaluations) mean signal of the unlearned model less that of the retrained one, same batches and noise. */
  readonly gap: ArrayLike<number>;
  /** Gap that counts as none: see `retrainTolerance`. */
  readonly tolerance: number;
  /** Evaluations in a row within tolerance; 3. */
  readonly consecutive?: number;
  /** (evaluations) accuracy on retained or held-out samples; absent: not watched. */
  readonly utility?: ArrayLike<number>;
  /** Relative loss of utility that ends the run; 0.05. */
  readonly largestDrop?: number;
}

/** How unlearning a set ended. */
export interface StepsToRetrainLevel {
  /** `collapsed`: utility was lost first. `censored`: the budget ended first. */
  readonly outcome: 'reached' | 'collapsed' | 'censored';
  /** First step of the run within tolerance; where utility was lost; or the budget, which enters ranks as a lower bound. */
  readonly steps: number;
  /** Index of that evaluation. */
  readonly evaluation: number;
  /** Gap there. */
  readonly residual: number;
  /** Relative loss of utility there, positive = worse; null when not watched. */
  readonly damage: number | null;
  /** The set went below the retrained level: forgotten more than never seen, itself a trace. */
  readonly overshot: boolean;
}

/** Spread of retrained models from seed to seed, at least 0.1: closer than this no two of them are. */
export function retrainTolerance(retrainedSpread: number): number {
  return Math.max(0.1, retrainedSpread);
}

/**
 * Unlearning steps until a forget set looks as to a retrained model, and stays so.
 *
 * @throws ENG_SHAPE_MISMATCH lengths differ, or no evaluations. ENG_VALUES_NOT_FINITE a gap is NaN.
 */
export function stepsToRetrainLevel(curve: UnlearningCurve): StepsToRetrainLevel {
  const { steps, gap, tolerance, consecutive = 3, utility, largestDrop = 0.05 } = curve;
  checkCurve(curve);
  const end = (outcome: StepsToRetrainLevel['outcome'], at: number): StepsToRetrainLevel => ({
    outcome,
    steps: steps[at],
    evaluation: at,
    residual: gap[at],
    damage: utility === undefined ? null : (utility[0] - utility[at]) / utility[0],
    overshot: gap[at] < -tolerance,
  });
  let within = 0;
  for (let e = 0; e < steps.length; e += 1) {
    within = gap[e] <= tolerance ? within + 1 : 0;
    if (within === consecutive) return end('reached', e - consecutive + 1);
    if (utility !== undefined && utility[e] < (1 - largestDrop) * utility[0]) return end('collapsed', e);
  }
  return end('censored', steps.length - 1);
}

function checkCurve({ steps, gap, utility }: UnlearningCurve): void {
  const evaluations = steps.length;
  if (evaluations === 0 || gap.length !== evaluations || (utility !== undefined && utility.length !== evaluations))
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected a gap and a utility for each of ${evaluations} evaluations, got ${gap.length} and ${utility?.length ?? 'none'}`,
    );
  for (let e = 0; e < evaluations; e += 1) {
    if (Number.isNaN(gap[e]))
      throw new EngramError('ENG_VALUES_NOT_FINITE', `expected gaps, got NaN at evaluation ${e}`, {
        remedy: 'Check whether unlearning diverged.',
      });
  }
}

/** Steps of single samples, of which the unfinished carry the budget. */
export interface SampleSteps {
  /** (n). */
  readonly steps: Float64Array;
  /** (n) 1 = the budget ended first. */
  readonly censored: Uint8Array;
}

/**
 * The same for single samples, whose signals are noisy: done when the mean gap of the last evaluations is small enough.
 *
 * @param steps (evaluations).
 * @param gap (evaluations, n).
 * @param options.tolerance 0.25. options.window evaluations averaged, 5.
 */
export function sampleStepsToRetrainLevel(
  steps: ArrayLike<number>,
  gap: Float64Array,
  { tolerance = 0.25, window = 5 }: { readonly tolerance?: number; readonly window?: number } = {},
): SampleSteps {
  const evaluations = steps.length;
  const n = gap.length / evaluations;
  if (evaluations < window || !Number.isInteger(n))
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected gaps at ${window} evaluations or more, got ${gap.length} at ${evaluations}`,
    );
  const found = new Float64Array(n).fill(steps[evaluations - 1]);
  const censored = new Uint8Array(n).fill(1);
  for (let i = 0; i < n; i += 1) {
    for (let e = window - 1; e < evaluations && censored[i] === 1; e += 1) {
      const recent = Float64Array.from({ length: window }, (_, w) => gap[(e - w) * n + i]);
      if (mean(recent) > tolerance) continue;
      found[i] = steps[e];
      censored[i] = 0;
    }
  }
  return { steps: found, censored };
}
