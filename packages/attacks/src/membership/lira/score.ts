import { EngramError } from '@engram/domain';
import {
  type Location,
  pooledVariance,
  type ReferenceValues,
  referenceMoments,
  type SideMoments,
} from '../reference-moments.js';
import { moderatedLogDensity, moderatedLogUpperTail } from './moderated-variance.js';

export interface LiraParameters {
  readonly mode: 'online' | 'offline';
  readonly variance: 'perSample' | 'global' | 'moderated';
  readonly location: Location;
}

/**
 * Likelihood ratio attack on the logit-scaled confidence phi.
 *
 * Online: log density of the target's phi among models trained with the sample, less that among models trained without.
 * Offline: how far above the models trained without it lies; one-sided, because a two-sided density would call samples
 * with unusually low confidence members. With Gaussians that is the z-score, which orders like -log(1 - Phi(z)) and
 * never overflows; with moderated variance, minus the log upper tail of the t distribution.
 *
 * @param phi (n) the target's scaled confidence, finite.
 * @param bank scaled confidence of reference models; masks only tell in from out.
 * @returns (n) finite; higher = more member-like.
 * @throws ENG_SATURATED_OUTPUTS a pooled variance is 0: reference models agree exactly on every sample.
 * @see Carlini et al. 2022, algorithm 1 and section VI. Departures: in and out keep variances of their own, global ones
 *   pool deviations from each sample's own location, and the location follows `location`.
 */
export function liraScores(phi: Float64Array, bank: ReferenceValues, params: LiraParameters): Float64Array {
  const sides = params.mode === 'online' ? ([1, 0] as const) : ([0] as const);
  const location = params.variance === 'moderated' ? 'mean' : params.location;
  const [first, second] = sides.map((side) => {
    const moments = referenceMoments(bank, side, location);
    return { moments, pooled: params.variance === 'perSample' ? 0 : pooledSpread(moments, side) };
  });
  if (params.variance === 'moderated') {
    if (second === undefined) return moderatedLogUpperTail(phi, first.moments, first.pooled).map((tail) => -tail);
    const inside = moderatedLogDensity(phi, first.moments, first.pooled);
    return subtract(inside, moderatedLogDensity(phi, second.moments, second.pooled));
  }
  if (second === undefined) return zScores(phi, first.moments, first.pooled);
  const inside = gaussianLogDensity(phi, first.moments, first.pooled);
  return subtract(inside, gaussianLogDensity(phi, second.moments, second.pooled));
}

function pooledSpread(moments: SideMoments, side: 0 | 1): number {
  const variance = pooledVariance(moments);
  if (!(variance > 0))
    throw new EngramError(
      'ENG_SATURATED_OUTPUTS',
      `expected reference models trained ${side === 1 ? 'with' : 'without'} a sample to differ in confidence, got a pooled variance of ${variance}`,
      { remedy: 'Give logits rather than rounded probabilities, or references trained with different seeds.' },
    );
  return variance;
}

/** log N(phi; location, s^2) up to the constant both sides share. */
function gaussianLogDensity(phi: Float64Array, moments: SideMoments, pooled: number): Float64Array {
  return phi.map((value, i) => {
    const spread = spreadOf(moments, i, pooled);
    const z = (value - moments.location[i]) / spread;
    return -Math.log(spread) - 0.5 * z * z;
  });
}

function zScores(phi: Float64Array, moments: SideMoments, pooled: number): Float64Array {
  return phi.map((value, i) => (value - moments.location[i]) / spreadOf(moments, i, pooled));
}

/** A sample's own standard deviation (divisor k, floored as in the authors' code) when nothing was pooled. */
function spreadOf({ sumSquares, count }: SideMoments, i: number, pooled: number): number {
  return pooled > 0 ? Math.sqrt(pooled) : Math.sqrt(sumSquares[i] / count[i]) + 1e-30;
}

function subtract(left: Float64Array, right: Float64Array): Float64Array {
  return left.map((value, i) => value - right[i]);
}
