import { type Html, html } from '../markup/html.js';
import { linearAxis, linearTicks } from './axes.js';
import { type PlotArea, pixel, plot, shortened } from './plot.js';
import { seriesClass } from './series.js';

/** One number of the picture, on a line of its own. */
export interface IntervalRow {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  /** Null: nothing bounds it from above, drawn as an arrow. */
  readonly high: number | null;
  /** Drawn hollow: not to be relied on like the others, or not told apart from what they are compared with. */
  readonly hollow?: boolean;
  /** Colour of the row; the first series when absent. */
  readonly series?: number;
  /** The largest value that could have come out, as a short upright stroke. */
  readonly attainable?: number;
}

export interface IntervalChart {
  readonly id: string;
  readonly rows: readonly IntervalRow[];
  readonly title: string;
  /** What the axis counts. */
  readonly xTitle: string;
  /** What the rows are. */
  readonly yTitle: string;
  readonly format: (value: number) => string;
  /** Values the axis must reach besides those drawn. */
  readonly include?: readonly number[];
  /** Upright lines to compare with: guessing, a threshold, a claim. */
  readonly references?: readonly { readonly at: number; readonly label: string }[];
}

const width = 420;
const rowHeight = 21;
const [right, top] = [404, 38];
/** Labels longer than this are shortened: the picture needs the room. */
const longestLabel = 31;
/** Of the page's lettering in pixels, on the wide side. */
const characterWidth = 6.5;

/** Numbers under one another as dots with their intervals, on one axis, so that they can be compared at a glance. */
export function intervalChart(chart: IntervalChart): Html {
  const { id, rows, title, xTitle, yTitle, format, include = [], references = [] } = chart;
  const bottom = top + Math.max(1, rows.length) * rowHeight + 4;
  const longest = Math.min(longestLabel, Math.max(8, ...rows.map(({ label }) => [...label].length)));
  const left = Math.round(12 + longest * characterWidth);
  const area: PlotArea = { left, right, top, bottom };
  const x = linearAxis(
    rows.flatMap(({ value, low, high, attainable }) => [value, low, high ?? value, attainable ?? value]),
    [left, right],
    [...include, ...references.map(({ at }) => at)],
  );
  const yOf = (i: number) => top + (i + 0.5) * rowHeight + 2;
  return plot({
    id,
    width,
    height: bottom + 42,
    area,
    xTicks: linearTicks(x, 5, format),
    yTicks: rows.map(({ label }, i) => ({ at: yOf(i), label: shortened(label, longestLabel) })),
    xTitle,
    yTitle,
    title,
    description: rows.map((row) => describe(row, format)).join(' '),
    body: html`${references.map(
      ({ at, label }) =>
        html`<path class="chance" d="M${pixel(x(at))} ${top - 2}V${bottom}"/><text class="note" x="${pixel(x(at))}" y="${top - 6}" text-anchor="${x(at) > (left + right) / 2 ? 'end' : 'start'}">${label}</text>`,
    )}${rows.map((row, i) => mark(row, x, yOf(i)))}`,
  });
}

function mark(
  { value, low, high, hollow, series = 0, attainable }: IntervalRow,
  x: (value: number) => number,
  y: number,
): Html {
  const at = pixel(x(value));
  const whisker =
    high === null
      ? html`<path class="whisker" d="M${at} ${pixel(y)}H${right}m-5 -4l5 4l-5 4"/>`
      : html`<path class="whisker" d="M${pixel(x(low))} ${pixel(y)}H${pixel(x(high))}"/>`;
  return html`<g class="${seriesClass(series)}">${whisker}${
    attainable === undefined
      ? null
      : html`<path class="attainable" d="M${pixel(x(attainable))} ${pixel(y - 6)}V${pixel(y + 6)}"/>`
  }<circle class="${hollow === true ? 'hollow' : 'dot'}" cx="${at}" cy="${pixel(y)}" r="3.8"/></g>`;
}

function describe({ label, value, low, high }: IntervalRow, format: (value: number) => string): string {
  return high === null
    ? `${label}: at least ${format(value)}.`
    : `${label}: ${format(value)}, ${format(low)} to ${format(high)}.`;
}
