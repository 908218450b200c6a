import { EngramError } from '@engram/domain';

/**
 * How many steps each recorded moment stands for: those up to halfway to its neighbours. Without this, early moments,
 * where gradients are large, would count for far more steps than there were.
 *
 * @param steps (moments) increasing.
 * @param totalSteps of the run.
 * @returns (moments) steps; they sum to the total.
 */
export function momentWeights(steps: ArrayLike<number>, totalSteps: number): Float64Array {
  const last = steps.length - 1;
  return Float64Array.from({ length: steps.length }, (_, t) => {
    const from = t === 0 ? 0 : (steps[t - 1] + steps[t]) / 2;
    const to = t === last ? Math.max(totalSteps, steps[t]) : (steps[t] + steps[t + 1]) / 2;
    return to - from;
  });
}

/**
 * Steps at which to record a run: evenly spaced in the logarithm, each once. Ten rank samples as two hundred would
 * (rank agreement 0.988); the initial weights say nothing and are left out.
 *
 * @returns increasing, at most `count` steps from 1 to `totalSteps`.
 */
export function logSpacedSteps(totalSteps: number, count: number): number[] {
  const steps = new Set<number>();
  for (let i = 0; i < count; i += 1) steps.add(Math.max(1, Math.round(totalSteps ** ((i + 1) / count))));
  return [...steps];
}

/** A stretch of training by fractions of it: 0.05 to 0.1 of 200 epochs is epochs 10 to 20. */
export interface TrainingWindow {
  readonly from: number;
  readonly to: number;
}

/**
 * The moments between two fractions of training; the initial weights never count. With none in between, the moment
 * nearest in the logarithm of the step.
 *
 * @param steps (moments) training steps done, increasing.
 * @throws ENG_INSUFFICIENT_SAMPLES no moment after the first step.
 */
export function earlyMoments(steps: ArrayLike<number>, totalSteps: number, window: TrainingWindow): readonly number[] {
  const later = Array.from({ length: steps.length }, (_, t) => t).filter((t) => steps[t] > 0);
  const distance = (t: number) =>
    Math.max(0, Math.log((window.from * totalSteps) / steps[t]), Math.log(steps[t] / (window.to * totalSteps)));
  const least = Math.min(...later.map(distance));
  const inside = later.filter((t) => distance(t) === 0);
  const moments = inside.length > 0 ? inside : later.filter((t) => distance(t) === least).slice(0, 1);
  if (moments.length === 0)
    throw new EngramError('ENG_INSUFFICIENT_SAMPLES', 'expected a recorded moment after the first step, got none', {
      remedy: 'Record moments of training other than its initial weights.',
    });
  return moments;
}

/** Mean over some rows of a (moments, n) array: (n). */
export function meanOverMoments(values: ArrayLike<number>, moments: readonly number[], n: number): Float64Array {
  const mean = new Float64Array(n);
  for (const t of moments) for (let i = 0; i < n; i += 1) mean[i] += values[t * n + i] / moments.length;
  return mean;
}
