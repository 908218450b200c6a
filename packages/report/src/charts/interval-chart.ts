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
const right = 404;
/** Base line of the rows' title, over everything else. */
const titleLine = 11;
/** Between the lines over the picture: the title, then labels of references. */
const lineHeight = 14;
/** Labels longer than this are shortened: the picture needs the room. */
const longestLabel = 31;
/** Of the page's lettering in pixels, on the wide side. */
const characterWidth = 6.5;

/** Numbers under one another as dots with their intervals, on one axis, so that they can be compared at a glance. */
export function intervalChart(chart: IntervalChart): Html {
  const { id, rows, title, xTitle, yTitle, format, include = [], references = [] } = chart;
  const longest = Math.min(longestLabel, Math.max(8, ...rows.map(({ label }) => [...label].length)));
  const left = Math.round(12 + longest * characterWidth);
  const x = linearAxis(
    rows.flatMap(({ value, low, high, attainable }) => [value, low, high ?? value, attainable ?? value]),
    [left, right],
    [...include, ...references.map(({ at }) => at)],
  );
  const notes = referenceNotes(references, x, [left, right]);
  const lines = Math.max(0, ...notes.map(({ line }) => line + 1));
  const top = titleLine + lines * lineHeight + 12;
  const bottom = top + Math.max(1, rows.length) * rowHeight + 4;
  const area: PlotArea = { left, right, top, bottom };
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
    yTitleAt: titleLine,
    title,
    description: rows.map((row) => describe(row, format)).join(' '),
    body: html`${notes.map(
      ({ at, label, anchor, line }) =>
        html`<path class="chance" d="M${pixel(at)} ${top - 2 - line * lineHeight}V${bottom}"/><text class="note" x="${pixel(at)}" y="${top - 6 - line * lineHeight}" text-anchor="${anchor}">${label}</text>`,
    )}${rows.map((row, i) => mark(row, x, yOf(i)))}`,
  });
}

interface ReferenceNote {
  /** In pixels of the picture. */
  readonly at: number;
  readonly label: string;
  readonly anchor: 'start' | 'end';
  /** Counted upwards from the picture. */
  readonly line: number;
}

/** The labels of reference lines over the picture, each on the lowest line where it runs into no other label. */
function referenceNotes(
  references: NonNullable<IntervalChart['references']>,
  x: (value: number) => number,
  [left, right]: readonly [number, number],
): ReferenceNote[] {
  const taken: (readonly [from: number, to: number])[][] = [];
  return references.map(({ at: value, label }) => {
    const at = x(value);
    const width = [...label].length * characterWidth;
    const anchor = at > (left + right) / 2 ? 'end' : 'start';
    const [from, to] = anchor === 'end' ? [at - width, at] : [at, at + width];
    const free = taken.findIndex((spans) => spans.every(([start, end]) => to < start || from > end));
    const line = free < 0 ? taken.length : free;
    taken[line] = [...(taken[line] ?? []), [from, to]];
    return { at, label, anchor, line };
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
