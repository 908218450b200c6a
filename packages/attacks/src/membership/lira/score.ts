import { EngramError } from '@engram/domain';
import {
  bothMoments,
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
  const location = params.variance === 'moderated' ? 'mean' : params.location;
  const spreadOver = (moments: SideMoments, side: 0 | 1) =>
    params.variance === 'perSample' ? 0 : pooledSpread(moments, side);
  if (params.mode === 'offline') {
    const outside = referenceMoments(bank, 0, location);
    const pooled = spreadOver(outside, 0);
    if (params.variance === 'moderated') return moderatedLogUpperTail(phi, outside, pooled).map((tail) => -tail);
    return zScores(phi, outside, pooled);
  }
  const { inside, outside } = bothMoments(bank, location);
  const logDensity = params.variance === 'moderated' ? moderatedLogDensity : gaussianLogDensity;
  return subtract(logDensity(phi, inside, spreadOver(inside, 1)), logDensity(phi, outside, spreadOver(outside, 0)));
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
