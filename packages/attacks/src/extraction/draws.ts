import { countAtMost } from '../count-at-most.js';

/**
 * How many independent draws emit a record at least once with probability p: ceil(ln(1 - p) / ln(1 - p_z)).
 *
 * @param logProbability ln p_z, nats, at most 0. Never p_z itself: 1 - 1e-27 is 1.
 * @param probability p in (0, 1).
 * @returns at least 1; Infinity for p_z = 0 and where the count exceeds the largest double (see `log10DrawsNeeded`).
 * @see Hayes et al. 2025, "Measuring memorization in language models via probabilistic extraction", equation 2.
 */
export function drawsNeeded(logProbability: number, probability: number): number {
  const draws = Math.log1p(-probability) / logMiss(logProbability);
  // A quotient that is whole but for rounding, as p = 3/4 at p_z = 1/2, is not rounded up to the next.
  const whole = Math.round(draws);
  return Math.max(1, Math.abs(draws - whole) <= 1e-12 * whole ? whole : Math.ceil(draws));
}

/** log10 of the draws needed, finite for any p_z > 0: a suffix of 2,000 tokens may need 10^2171. */
export function log10DrawsNeeded(logProbability: number, probability: number): number {
  const needed = Math.log(-Math.log1p(-probability));
  // ln(1 - p_z) is -p_z to double precision once p_z is below 1e-16.
  const perDraw = logProbability < -36 ? logProbability : Math.log(-logMiss(logProbability));
  return Math.max(0, (needed - perDraw) / Math.LN10);
}

/**
 * Probability that n independent draws emit a record at least once: 1 - (1 - p_z)^n.
 *
 * @param logProbability ln p_z, nats, at most 0.
 * @param draws n, at least 0.
 * @returns in [0, 1]; higher = easier to extract.
 */
export function probabilityWithin(logProbability: number, draws: number): number {
  if (draws === 0) return 0;
  return -Math.expm1(draws * logMiss(logProbability));
}

/**
 * Share of records emitted at least once in n draws with probability at least p.
 *
 * @param logProbabilities (records) ln p_z.
 * @returns fraction; NaN for no records.
 */
export function extractionRate(logProbabilities: Float64Array, draws: number, probability: number): number {
  let hits = 0;
  for (const value of logProbabilities) if (drawsNeeded(value, probability) <= draws) hits += 1;
  return hits / logProbabilities.length;
}

/** ln(1 - p_z). */
function logMiss(logProbability: number): number {
  return logProbability < -36 ? -Math.exp(logProbability) : Math.log1p(-Math.exp(logProbability));
}

/**
 * Extraction rates over a grid of draws, all from one stored ln p_z per record.
 *
 * @param logProbabilities (records) ln p_z.
 * @param draws (d) numbers of draws.
 * @param probability p in (0, 1).
 * @returns (d) fractions, non-decreasing in draws.
 */
export function extractionCurve(
  logProbabilities: Float64Array,
  draws: readonly number[],
  probability: number,
): Float64Array {
  const needed = logProbabilities.map((value) => drawsNeeded(value, probability)).sort();
  return Float64Array.from(draws, (n) => countAtMost(needed, n) / needed.length);
}
