import { EngramError } from '@engram/domain';
import { skewNormalLogCdf } from '@engram/numeric';
import { countAtMost } from '../../count-at-most.js';
import { fitTail, type TailFit } from './tail-fit.js';

/** Log-perplexity of planted canaries and of secrets of the same space that were never planted. */
export interface CanarySignals {
  /** (canaries) bits: -sum of log2 P(token) over the whole canary. */
  readonly logPerplexityBits: Float64Array;
  /** (canaries) how often each was planted; 0 = never, a control. */
  readonly repetitions: Int32Array;
  /** Per template: (references) bits of never-planted secrets; or of the whole space, canaries too, if `enumerated`. */
  readonly references: readonly Float64Array[];
  /** (canaries) index into `references`; absent: all 0. */
  readonly template?: Int32Array;
  /** log2 of the number of secrets. */
  readonly spaceBits: number;
  /** True when `references` hold every secret of the space. */
  readonly enumerated: boolean;
}

export type ExposureEstimator = 'exact' | 'sampled' | 'extrapolated';

export interface Exposures {
  /** The estimator behind `exposureBits`. */
  readonly estimator: ExposureEstimator;
  /** (canaries) bits, at most `spaceBits`; higher = more surely memorized. */
  readonly exposureBits: Float64Array;
  /** (canaries) probability of a rank this good without memorization, from the rank alone. */
  readonly pValue: Float64Array;
  /** (canaries) bits by the fitted tail, at most `spaceBits`; NaN where the fit was not accepted. */
  readonly extrapolatedBits: Float64Array;
  /** Per template. */
  readonly fits: readonly TailFit[];
}

/**
 * Exposure of canaries: log2 |R| - log2 rank, the rank being how many secrets of the space the model finds at least as
 * likely.
 *
 * Exact when the whole space was scored. Sampled otherwise: log2((|Q| + 1) / rank) over Q references, so that 2^-exposure
 * is exactly the permutation p-value; it cannot exceed log2(|Q| + 1). Extrapolated: -log2 F of a skew-normal fitted to the
 * references' log-perplexities, used only where it agrees with sampled exposure.
 *
 * @param estimator `auto`: exact if enumerated, else sampled. `extrapolated` falls back to sampled where a fit is refused.
 * @throws ENG_INSUFFICIENT_SAMPLES no references. ENG_VALUES_NOT_FINITE. ENG_SHAPE_MISMATCH.
 * @see Carlini et al. 2019, "The Secret Sharer", sections 4.2-4.4. Ties count against us; the common library's
 *   log2 |Q| - log2 rank differs by less than log2(1 + 1/|Q|).
 */
export function exposures(signals: CanarySignals, estimator: 'auto' | 'sampled' | 'extrapolated' = 'auto'): Exposures {
  checkCanaries(signals);
  const { logPerplexityBits, references, template, enumerated, spaceBits } = signals;
  const sorted = references.map((values) => values.slice().sort());
  const fits = sorted.map((values) => fitTail(values, enumerated));
  const groupOf = (i: number) => template?.[i] ?? 0;
  const size = (i: number) => sorted[groupOf(i)].length + (enumerated ? 0 : 1);
  const rank = logPerplexityBits.map((bits, i) => {
    const atMost = countAtMost(sorted[groupOf(i)], bits);
    // An enumerated space holds the canary itself; scored twice, it may miss its own place by rounding.
    return enumerated ? Math.max(1, atMost) : atMost + 1;
  });
  const ranked = rank.map((value, i) => Math.min(spaceBits, Math.log2(size(i) / value)));
  const extrapolatedBits = logPerplexityBits.map((bits, i) => {
    const { accepted, distribution } = fits[groupOf(i)];
    if (!accepted || distribution === null) return Number.NaN;
    // + 0 turns the -0 of a certain event into 0.
    return Math.min(spaceBits, -skewNormalLogCdf(bits, distribution) / Math.LN2) + 0;
  });
  const extrapolate = estimator === 'extrapolated' && !enumerated && fits.every(({ accepted }) => accepted);
  return {
    estimator: enumerated ? 'exact' : extrapolate ? 'extrapolated' : 'sampled',
    exposureBits: extrapolate ? extrapolatedBits : ranked,
    pValue: rank.map((value, i) => value / size(i)),
    extrapolatedBits,
    fits,
  };
}

function checkCanaries({ logPerplexityBits, repetitions, references, template }: CanarySignals): void {
  const n = logPerplexityBits.length;
  if (repetitions.length !== n || (template !== undefined && template.length !== n))
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected repetitions and templates of ${n} canaries, got ${repetitions.length} and ${template?.length ?? 'none'}`,
    );
  const used = new Set(template ?? [0]);
  for (const group of used) {
    if ((references[group]?.length ?? 0) === 0)
      throw new EngramError('ENG_INSUFFICIENT_SAMPLES', `expected references for template ${group}, got none`, {
        remedy: 'Score secrets of the same space that were never planted.',
      });
  }
  for (const [name, values] of [
    ['canaries', logPerplexityBits] as const,
    ...references.map((values) => ['references', values] as const),
  ]) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0)
      throw new EngramError(
        'ENG_VALUES_NOT_FINITE',
        `expected finite log-perplexities of ${name}, got ${values[at]} in row ${at}`,
      );
  }
}
