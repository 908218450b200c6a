/** What no attack on an (epsilon, delta)-private model can exceed, whatever it knows. Fractions in [0, 1]. */
export interface PrivacyCeilings {
  /** Share of right guesses about records included by a fair coin. */
  readonly accuracy: number;
  /** TPR - FPR. */
  readonly advantage: number;
}

/**
 * Largest true positive rate an attack can have at a false positive rate:
 * min(e^eps FPR + delta, 1 - e^-eps (1 - delta - FPR)).
 *
 * @param fpr fraction in [0, 1].
 * @param epsilon nats, at least 0.
 * @param delta fraction in [0, 1).
 * @returns fraction in [0, 1].
 * @see Kairouz, Oh and Viswanath 2015, "The Composition Theorem for Differential Privacy", on the privacy region.
 */
export function tprCeiling(fpr: number, epsilon: number, delta = 0): number {
  const byFalsePositives = Math.exp(epsilon) * fpr + delta;
  const byFalseNegatives = 1 - Math.exp(-epsilon) * Math.max(0, 1 - delta - fpr);
  return Math.min(1, byFalsePositives, byFalseNegatives);
}

/**
 * Largest accuracy and advantage of an attack, at the error rates where the two lines of the privacy region meet:
 * FPR = FNR = (1 - delta) / (1 + e^eps).
 *
 * @param epsilon nats, at least 0.
 * @param delta fraction in [0, 1).
 */
export function privacyCeilings(epsilon: number, delta = 0): PrivacyCeilings {
  const error = (1 - delta) / (1 + Math.exp(epsilon));
  return { accuracy: 1 - error, advantage: 1 - 2 * error };
}
