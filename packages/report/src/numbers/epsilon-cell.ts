import type { PrivacyBoundsReport } from '@engram/contract';
import { type Html, html } from '../markup/html.js';
import { decimalsKnown, formatCount, formatFixed, formatPercent } from './format-number.js';

type EpsilonMeasured = PrivacyBoundsReport['bounds'][number]['epsilon'];

/** An epsilon to the hundredth: bounds are random in the second decimal, and a smaller one than 0.005 says nothing. */
export function formatEpsilon(epsilon: number): string {
  return formatFixed(epsilon, 2);
}

/** Epsilon with what is known of it: at least a bound, or an interval; and what it rests on. */
export function epsilonCell(epsilon: EpsilonMeasured): Html {
  if (epsilon.status === 'notMeasured')
    return html`<span class="unmeasured"><b>not measured</b> <span class="how">${epsilon.reason} <code>${epsilon.code}</code></span></span>`;
  const { value, low, high, confidence, n, direction } = epsilon;
  const rests = `${formatPercent(confidence)} confidence, n = ${formatCount(n)}`;
  if (direction === 'lowerBound' || high === null)
    return html`<span class="measured"><b>at least ${formatEpsilon(value)}</b> <span class="how">nothing bounds it from above; ${rests}</span></span>`;
  const decimals = decimalsKnown(value, low, high);
  return html`<span class="measured"><b>${formatFixed(value, decimals)}</b> <span class="interval">(${formatFixed(low, decimals)} to ${formatFixed(high, decimals)})</span> <span class="how">${rests}</span></span>`;
}
