import type { IntervalMethod, Measured } from '@engram/domain';
import { type Html, html } from '../markup/html.js';
import { formatCount, formatPercent } from './format-number.js';
import { type Quantity, writeNumber } from './quantity.js';

const methodNames: Readonly<Record<IntervalMethod, string>> = {
  clopperPearson: 'Clopper–Pearson',
  wilson: 'Wilson',
  delong: 'DeLong',
  bootstrap: 'bootstrap',
  permutation: 'permutation',
  fisherZ: 'Fisher z',
  normal: 'normal approximation',
  order: 'order statistics',
  exact: 'exact',
};

/**
 * A measured number with its interval, count and method, or `not measured` with the reason. Never a bare number, and
 * never a zero or a dash for what was not measured.
 */
export function measuredCell(measured: Measured, quantity: Quantity): Html {
  if (measured.status === 'notMeasured')
    return html`<span class="unmeasured"><b>not measured</b> <span class="how">${measured.reason} <code>${measured.code}</code></span></span>`;
  const { value, low, high, oneIn } = writeNumber(quantity, measured);
  return html`<span class="measured"><b>${value}</b> <span class="interval">(${low} to ${high})</span> <span class="how">${oneIn === null ? null : `${oneIn}; `}${formatPercent(measured.confidence)} interval, n = ${formatCount(measured.n)}, ${methodNames[measured.method]}</span></span>`;
}

/** The same in the running text of a sentence: `3.1% (2.4% to 4.0%)`. */
export function measuredPhrase(measured: Measured, quantity: Quantity): string {
  if (measured.status === 'notMeasured') return `not measured (${measured.reason})`;
  const { value, low, high } = writeNumber(quantity, measured);
  return `${value} (${low} to ${high})`;
}
