import {
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from 'd3-shape';
import { type Html, html } from '../markup/html.js';
import { pixel } from './plot.js';

const shapes = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond, symbolCross, symbolStar, symbolWye] as const;

const dashes = ['', '7 3', '2 3', '10 3 2 3', '5 2 1 2 1 2', '1 2', '12 4'] as const;

/** Colour classes the page defines: `series-0` …; further series start again, told apart by shape and dash. */
export const seriesColours = 8;

export function seriesClass(index: number): string {
  return `series-${index % seriesColours}`;
}

/** The dash pattern of a series: a line is told from its neighbours without colour. */
export function seriesDash(index: number): string {
  return dashes[index % dashes.length];
}

/** A marker of the series' own shape. */
export function marker(index: number, x: number, y: number, size = 48): Html {
  const shape = symbol(shapes[index % shapes.length], size).digits(1)() ?? '';
  return html`<path class="marker" transform="translate(${pixel(x)} ${pixel(y)})" d="${shape}"/>`;
}

/** A list of series with a sample of each one's line and marker. */
export function seriesLegend(
  entries: readonly { readonly index: number; readonly label: string; readonly note?: string }[],
): Html {
  return html`<ul class="legend">${entries.map(
    ({ index, label, note }) =>
      html`<li class="${seriesClass(index)}"><svg viewBox="0 0 34 12" width="34" height="12" aria-hidden="true"><path class="line" stroke-dasharray="${seriesDash(index)}" d="M0 6H34"/>${marker(index, 17, 6, 36)}</svg><span>${label}${
        note === undefined ? null : html` <em>${note}</em>`
      }</span></li>`,
  )}</ul>`;
}
