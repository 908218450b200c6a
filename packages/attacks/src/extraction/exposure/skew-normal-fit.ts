import { mean, type SkewNormal, skewNormalLogPdf, standardDeviation } from '@engram/numeric';
import { nelderMead } from './nelder-mead.js';

/**
 * Skew-normal distribution fitted by maximum likelihood from a start by moments.
 *
 * @param values (n) finite, not all equal.
 * @returns location, scale and shape; null when the values do not vary or the search does not settle.
 * @see Azzalini 1985; moments as in Azzalini and Capitanio 2014, section 3.1. The sample skewness of the start is held
 *   within ±0.99, the range a skew-normal can have being ±0.9953.
 */
export function fitSkewNormal(values: Float64Array): SkewNormal | null {
  const centre = mean(values);
  const spread = standardDeviation(values);
  if (!(spread > 0)) return null;
  const standard = values.map((value) => (value - centre) / spread);
  const found = nelderMead(
    (x) => {
      const candidate = { location: x[0], scale: Math.exp(x[1]), shape: x[2] };
      if (Math.abs(candidate.shape) > 100) return Infinity;
      let total = 0;
      for (const value of standard) total -= skewNormalLogPdf(value, candidate);
      return total / standard.length;
    },
    startByMoments(standard),
    0.2,
  );
  if (!found.converged) return null;
  const [location, logScale, shape] = found.x;
  return { location: centre + spread * location, scale: spread * Math.exp(logScale), shape };
}

/** (location, log scale, shape) of the skew-normal with mean 0, variance 1 and the sample's skewness. */
function startByMoments(standard: Float64Array): Float64Array {
  let skewness = 0;
  for (const value of standard) skewness += value ** 3 / standard.length;
  const bounded = Math.max(-0.99, Math.min(0.99, skewness));
  const root = Math.abs(bounded) ** (2 / 3);
  const delta = Math.sign(bounded) * Math.sqrt(((Math.PI / 2) * root) / (root + ((4 - Math.PI) / 2) ** (2 / 3)));
  const shift = delta * Math.sqrt(2 / Math.PI);
  const scale = 1 / Math.sqrt(1 - shift * shift);
  return Float64Array.of(-scale * shift, Math.log(scale), delta / Math.sqrt(1 - delta * delta));
}
