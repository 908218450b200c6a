/**
 * Minus the norm of the loss's gradient by the weights: training has moved the weights to where members pull little.
 *
 * @param norms (n) finite, at least 0.
 * @returns (n) higher = more member-like.
 * @see Nasr, Shokri and Houmansadr 2019, "Comprehensive Privacy Analysis of Deep Learning", section IV.
 */
export function gradientNormScores(norms: Float64Array): Float64Array {
  return norms.map((norm) => -norm);
}
