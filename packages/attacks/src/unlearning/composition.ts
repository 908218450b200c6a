/** A run of T steps, seen through the moments of each step's divergence over where training may have been. */
export interface ComposedSteps {
  /** alpha of the divergence wanted, above 1. */
  readonly order: number;
  /** T. */
  readonly steps: number;
  /** p > 1: large = closer to the worst trajectory, small = higher orders. 3 T by default. */
  readonly exponent?: number;
  /**
   * log E over theta of exp(scale * D_step(order; theta)); Infinity where that does not exist, as for gradients that were
   * not clipped. Over M recorded runs, a log-mean-exp.
   */
  logMoment(step: number, order: number, scale: number): number;
}

/**
 * Bound on the Rényi divergence between the final models with and without a sample:
 *
 * 1/(alpha - 1) * sum over k of (p - 1)^k / p^(k + 1) * log E exp(p (g_k - 1) D_{T-1-k}(g_k)),
 * g_k = 1 + (alpha - 1) (p / (p - 1))^k, with k counted from the last step backwards.
 *
 * @returns nats; Infinity, never NaN, where a moment does not exist.
 * @see Thudi et al. 2024, "Gradients Look Alike: Privacy is Often Overestimated in DP-SGD", theorem on composition,
 *   re-derived by repeated Hölder inequalities. Their script counts k from the first step; that is not this bound.
 */
export function compositionBound({ order, steps, exponent = 3 * steps, logMoment }: ComposedSteps): number {
  const p = exponent;
  // log of p / (p - 1), by which orders grow from step to step.
  const growth = -Math.log1p(-1 / p);
  let total = 0;
  for (let k = 0; k < steps; k += 1) {
    const excess = (order - 1) * Math.exp(k * growth);
    const moment = logMoment(steps - 1 - k, 1 + excess, p * excess);
    if (!(moment < Infinity)) return Infinity;
    total += (Math.exp(-k * growth) / p) * moment;
  }
  return total / (order - 1);
}
