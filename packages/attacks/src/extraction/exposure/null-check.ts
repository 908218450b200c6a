import { type KsTest, ksOneSample, logGamma, mean } from '@engram/numeric';

/** Mean exposure of a canary that was never planted, its rank uniform over `size` places: near log2 e = 1.4427. */
export function expectedNullExposure(size: number): number {
  return Math.log2(size) - logGamma(size + 1) / (size * Math.LN2);
}

/** What never-planted canaries show: their exposure must follow P(exposure >= x) = 2^-x. */
export interface ExposureNullCheck {
  readonly n: number;
  readonly meanBits: number;
  readonly expectedBits: number;
  /** Of the mean under the null, about log2 e / sqrt(n); too small when canaries share references. */
  readonly standardErrorBits: number;
  readonly ks: KsTest;
}

/**
 * The built-in negative control of every exposure audit.
 *
 * @param exposureBits (n) of canaries that were never planted.
 * @param size references and the canary itself, or the whole space.
 * @returns null for no controls. A mean far above expectation says the references are not exchangeable with the canaries.
 */
export function exposureNullCheck(exposureBits: Float64Array, size: number): ExposureNullCheck | null {
  const n = exposureBits.length;
  if (n === 0) return null;
  return {
    n,
    meanBits: mean(exposureBits),
    expectedBits: expectedNullExposure(size),
    standardErrorBits: Math.LOG2E / Math.sqrt(n),
    ks: ksOneSample(exposureBits, (x) => 1 - 2 ** -x),
  };
}
