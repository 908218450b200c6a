/**
 * log of a sum of exponentials, without overflow: `max + log sum exp(v - max)`.
 *
 * @param values (n) natural logarithms; -Infinity stands for a zero term.
 * @returns nats; -Infinity for no values or only zero terms; NaN if any value is NaN.
 */
export function logSumExp(values: ArrayLike<number>): number {
  let max = -Infinity;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (Number.isNaN(value)) return Number.NaN;
    if (value > max) max = value;
  }
  if (max === -Infinity || max === Infinity) return max;
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += Math.exp(values[i]! - max);
  return max + Math.log(sum);
}

/**
 * log(1 - e^x), accurate at both ends: for x near 0 through expm1, for x far below 0 through log1p.
 *
 * @param x nats, at most 0 (the logarithm of a probability).
 * @returns nats, at most 0; -Infinity at x = 0; NaN for x > 0.
 * @see Maechler 2012, "Accurately computing log(1 - exp(-|a|))"; the switch at -ln 2 is from there.
 */
export function log1mexp(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
}

/**
 * log(1 + e^x), also called softplus: the loss of a single-logit classifier at margin -x.
 *
 * @param x any real number.
 * @returns nats, at least 0; never overflows.
 */
export function log1pexp(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/**
 * The logistic function 1 / (1 + e^-x), without overflow.
 *
 * @param x log-odds in nats.
 * @returns probability in [0, 1].
 */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const odds = Math.exp(x);
  return odds / (1 + odds);
}
