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
