import { studentLogPdf, studentLogSf } from '@engram/numeric';
import type { SideMoments } from '../reference-moments.js';

/** Weight of the pooled variance, in models: nu0. 4, 8 and 16 are equivalent within noise. */
export const priorModels = 4;

/**
 * A sample's variance drawn towards the one pooled over samples: v = (nu0 s0^2 + SS) / (nu0 + k - 1). With few models
 * most of it is the pooled one, with many the sample's own.
 *
 * @param sumSquares SS of the k models about their mean.
 * @param pooled s0^2, positive.
 */
export function moderatedVariance(sumSquares: number, count: number, pooled: number): number {
  return (priorModels * pooled + sumSquares) / (priorModels + count - 1);
}

/**
 * Log predictive density of one more model's value: Student's t with nu0 + k - 1 degrees of freedom about the mean,
 * scale sqrt(v (1 + 1/k)).
 *
 * @param values (n) the target's signal.
 * @param moments k models per sample, about their mean.
 * @returns (n) nats.
 * @see In the family of Brännvall 2026, "BaVarIA": a conjugate prior on the variance. The prior's weight is ours.
 */
export function moderatedLogDensity(values: Float64Array, moments: SideMoments, pooled: number): Float64Array {
  const atCentre: number[] = [];
  return values.map((value, i) => {
    const { freedom, scale, t } = predictive(value, moments, i, pooled);
    // The constant depends on the degrees of freedom alone, and a bank has few different ones.
    atCentre[freedom] ??= studentLogPdf(0, freedom);
    return atCentre[freedom] - 0.5 * (freedom + 1) * Math.log1p((t * t) / freedom) - Math.log(scale);
  });
}

/**
 * log P(one more model's value > the target's) under the same predictive distribution.
 *
 * @returns (n) nats, at most 0; lower = more member-like.
 */
export function moderatedLogUpperTail(values: Float64Array, moments: SideMoments, pooled: number): Float64Array {
  return values.map((value, i) => {
    const { freedom, t } = predictive(value, moments, i, pooled);
    return studentLogSf(t, freedom);
  });
}

function predictive(value: number, { count, location, sumSquares }: SideMoments, i: number, pooled: number) {
  const k = count[i];
  const scale = Math.sqrt(moderatedVariance(sumSquares[i], k, pooled) * (1 + 1 / k));
  return { freedom: priorModels + k - 1, scale, t: (value - location[i]) / scale };
}
