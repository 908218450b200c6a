/**
 * Rényi divergence D_alpha(N(m0, v0) || N(m1, v1)).
 *
 * @param order alpha > 1.
 * @returns nats; Infinity where alpha v1 + (1 - alpha) v0 is not positive.
 * @see Gil, Alajaji and Linder 2013, "Rényi divergence measures for commonly used univariate continuous distributions".
 */
export function gaussianRenyi(order: number, m0: number, v0: number, m1: number, v1: number): number {
  const mixed = order * v1 + (1 - order) * v0;
  if (!(mixed > 0)) return Infinity;
  const logRatio = 0.5 * (Math.log(mixed) - (1 - order) * Math.log(v0) - order * Math.log(v1));
  return (order * (m0 - m1) ** 2) / (2 * mixed) + logRatio / (1 - order);
}

/** Noisy fine-tuning on a quadratic: every step multiplies the distance to the optimum by a factor and adds noise. */
export interface NoisyContraction {
  /** alpha > 1. */
  readonly order: number;
  /** Distance of the means at the start. */
  readonly gap: number;
  /** Variance both start with. */
  readonly startVariance: number;
  /** c in (0, 1]: 1 - learning rate * curvature. */
  readonly factor: number;
  /** Standard deviation of the noise added per step. */
  readonly noise: number;
}

/**
 * Divergence between unlearned and retrained after k steps: alpha c^2k gap^2 / (2 (s^2 (1 - c^2k)/(1 - c^2) + c^2k v0)).
 *
 * @returns nats; falls with every step.
 * @see Chien et al. 2024, "Langevin Unlearning"; the exact case of a quadratic loss.
 */
export function noisyContractionDivergence(
  { order, gap, startVariance, factor, noise }: NoisyContraction,
  steps: number,
): number {
  const shrunk = factor ** (2 * steps);
  const added = factor === 1 ? steps : (1 - shrunk) / (1 - factor * factor);
  return (order * shrunk * gap * gap) / (2 * (noise * noise * added + shrunk * startVariance));
}

/**
 * Steps until that divergence is at most `epsilon`: they grow with the logarithm of the gap where there is contraction,
 * and with its square where there is none.
 *
 * @returns a real number of steps, 0 if the start is close enough; round up to use it.
 */
export function noisyContractionSteps(
  { order, gap, startVariance, factor, noise }: NoisyContraction,
  epsilon: number,
): number {
  const variance = noise * noise;
  const needed = (order * gap * gap) / (2 * epsilon) - startVariance;
  if (needed <= 0) return 0;
  if (factor === 1) return needed / variance;
  return (0.5 * Math.log1p(((1 - factor * factor) / variance) * needed)) / -Math.log(factor);
}
