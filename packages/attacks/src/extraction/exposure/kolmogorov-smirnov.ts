/** Largest distance between a sample's distribution function and a given one, with its asymptotic p-value. */
export interface KolmogorovSmirnov {
  readonly distance: number;
  readonly pValue: number;
}

/**
 * One-sample Kolmogorov-Smirnov test.
 *
 * @param values (n) in any order.
 * @param cdf the distribution function under test.
 * @returns distance in [0, 1]; p-value by the asymptotic law with Stephens's correction of n, conservative when the
 *   distribution was fitted to the same values.
 * @see Stephens 1970, "Use of the Kolmogorov-Smirnov, Cramér-Von Mises and related statistics".
 */
export function kolmogorovSmirnov(values: Float64Array, cdf: (x: number) => number): KolmogorovSmirnov {
  const n = values.length;
  const sorted = values.slice().sort();
  let distance = 0;
  for (let i = 0; i < n; i += 1) {
    const expected = cdf(sorted[i]);
    distance = Math.max(distance, (i + 1) / n - expected, expected - i / n);
  }
  const root = Math.sqrt(n);
  return { distance, pValue: kolmogorovTail((root + 0.12 + 0.11 / root) * distance) };
}

/** P(K > x) = 2 sum over j of (-1)^(j - 1) exp(-2 j^2 x^2). */
function kolmogorovTail(x: number): number {
  // Below this the tail is 1 to twelve digits and the series converges slowly.
  if (x < 0.25) return 1;
  let sum = 0;
  for (let j = 1; j <= 40; j += 1) sum += (j % 2 === 1 ? 2 : -2) * Math.exp(-2 * j * j * x * x);
  return Math.max(0, Math.min(1, sum));
}
