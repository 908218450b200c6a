import type { EpsilonMeasured, PrivacyBound } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { privacyCeilings, tprCeiling } from '@engram/metrics';

/** What is common to the bounds of one audit. */
export interface BoundSettings {
  readonly delta: number;
  readonly significance: number;
}

/** False positive rates at which the ceilings a bound implies are told. */
const ceilingRates = [0.1, 0.01, 0.001];

type Parts = Pick<PrivacyBound, 'method' | 'statement' | 'details'> &
  Partial<Omit<PrivacyBound, 'assumes'>> & { readonly assumes: readonly string[] };

/** A lower bound on epsilon, with what it implies for every promise that could be made. */
export function lowerBound(
  value: number,
  n: number,
  { delta, significance }: BoundSettings,
  parts: Parts & Pick<PrivacyBound, 'valid'>,
): PrivacyBound {
  return {
    primary: false,
    kind: 'lowerBound',
    epsilon: {
      status: 'measured',
      value,
      direction: 'lowerBound',
      low: value,
      high: null,
      confidence: 1 - significance,
      n,
    },
    delta,
    attainable: null,
    ceilings: {
      ...privacyCeilings(value, delta),
      tprAtFpr: ceilingRates.map((fpr) => ({ fpr, tpr: tprCeiling(fpr, value, delta) })),
    },
    ...parts,
    assumes: [...parts.assumes],
  };
}

/** A number beside the bounds: an interval that holds under more than the design gives, or an estimate. */
export function besideBounds(
  measured: Measured,
  delta: number,
  parts: Parts & Pick<PrivacyBound, 'kind' | 'valid'>,
): PrivacyBound {
  return {
    primary: false,
    epsilon: measured.status === 'measured' ? asInterval(measured) : measured,
    delta,
    attainable: null,
    ceilings: null,
    ...parts,
    assumes: [...parts.assumes],
  };
}

function asInterval({ method: _method, ...numbers }: Extract<Measured, { status: 'measured' }>): EpsilonMeasured {
  return { ...numbers, direction: 'interval' };
}

/** A bound that cannot be given at these settings. */
export function noBound(
  reason: string,
  delta: number,
  parts: Parts & Pick<PrivacyBound, 'kind' | 'valid'>,
): PrivacyBound {
  return besideBounds({ status: 'notMeasured', code: 'ENG_NOT_REQUESTED', reason }, delta, parts);
}
