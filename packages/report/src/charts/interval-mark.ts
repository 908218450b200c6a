import type { Measured } from '@engram/domain';
import { type Html, html } from '../markup/html.js';
import { pixel } from './plot.js';

const width = 200;
const height = 22;

/**
 * A number and its interval as a dot with whiskers, the same number on the control as a hollow dot under it, and a
 * reference such as 0.5 for guessing as a line. Decoration beside the written numbers, so hidden from screen readers.
 *
 * @returns null when the number was not measured.
 */
export function intervalMark(
  measured: Measured,
  options: { readonly from: number; readonly to: number; readonly reference?: number; readonly control?: Measured },
): Html | null {
  if (measured.status === 'notMeasured') return null;
  const { from, to, reference, control } = options;
  const x = (value: number) => pixel(4 + ((Math.min(to, Math.max(from, value)) - from) / (to - from)) * (width - 8));
  return html`<svg class="interval-mark" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true"><path class="grid" d="M4 11H${width - 4}"/>${
    reference === undefined ? null : html`<path class="chance" d="M${x(reference)} 1V21"/>`
  }${
    control?.status === 'measured'
      ? html`<path class="control-whisker" d="M${x(control.low)} 16H${x(control.high)}"/><circle class="control" cx="${x(control.value)}" cy="16" r="3"/>`
      : null
  }<path class="whisker" d="M${x(measured.low)} 7H${x(measured.high)}"/><circle class="dot" cx="${x(measured.value)}" cy="7" r="3.5"/></svg>`;
}
