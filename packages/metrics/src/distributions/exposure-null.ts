import { type Measured, type NotMeasured, notMeasured } from '@engram/domain';
import { mean, normalQuantile, standardDeviation } from '@engram/numeric';
import { ksOneSample } from './kolmogorov-smirnov.js';

export interface ExposureNull {
  readonly status: 'measured';
  /** Mean exposure of the canaries, in bits, with its interval. */
  readonly meanBits: Measured;
  /** What the mean should be: 1 / ln 2, about 1.4427 bits. */
  readonly expectedMeanBits: number;
  /** Distance from the null law P(exposure >= x) = 2^-x. */
  readonly statistic: number;
  /** Small = the canaries do not follow the null law. */
  readonly pValue: number;
}

const fewestCanaries = 20;

/**
 * Checks that canaries which were never inserted have the exposures of chance, P(exposure >= x) = 2^-x, by a
 * Kolmogorov-Smirnov test. The p-value assumes that each canary has references of its own; with one set for all,
 * exposures move together and rejections are more frequent.
 *
 * @param exposureBits (n) exposures of canaries never inserted, in bits, at least 0.
 * @returns the test; not measured with ENG_INSUFFICIENT_SAMPLES below 20 canaries.
 * @throws ENG_VALUES_NOT_FINITE an exposure is NaN.
 * @see Carlini et al. 2019, "The Secret Sharer", section 4, for exposure.
 */
export function exposureNullCheck(exposureBits: ArrayLike<number>, confidence = 0.95): ExposureNull | NotMeasured {
  const n = exposureBits.length;
  if (n < fewestCanaries) {
    return notMeasured(
      'ENG_INSUFFICIENT_SAMPLES',
      `needs at least ${fewestCanaries} canaries never inserted, got ${n}`,
    );
  }
  const test = ksOneSample(exposureBits, (x) => (x <= 0 ? 0 : -Math.expm1(-x * Math.LN2)));
  const value = mean(exposureBits);
  const half = (normalQuantile((1 + confidence) / 2) * standardDeviation(exposureBits)) / Math.sqrt(n);
  return {
    status: 'measured',
    meanBits: { status: 'measured', value, low: value - half, high: value + half, confidence, n, method: 'normal' },
    expectedMeanBits: Math.LOG2E,
    statistic: test.statistic,
    pValue: test.pValue,
  };
}
