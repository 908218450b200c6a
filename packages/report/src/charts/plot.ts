import { type Content, type Html, html } from '../markup/html.js';

/** One mark on an axis: where, in pixels of the picture, and what it says. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** The rectangle data are drawn in, in pixels of the picture; y grows downwards. */
export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Plot {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly area: PlotArea;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  readonly xTitle: string;
  readonly yTitle: string;
  /** Base line of that title, when it is not just over the rectangle. */
  readonly yTitleAt?: number;
  /** What a reader who cannot see the picture needs: what it is, then what it shows. */
  readonly title: string;
  readonly description: string;
  readonly body: Content;
}

/** Pictures grow to this many times their drawn size, so that their lettering stays near that of the text. */
const largest = 1.15;

/** A label that fits a picture: SVG text neither wraps nor ends by itself. The full one belongs in the title. */
export function shortened(label: string, length: number): string {
  const characters = [...label];
  return characters.length <= length
    ? label
    : `${characters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;
}

/** Tenths of a pixel: finer is invisible and makes the page larger. */
export function pixel(value: number): number {
  return Math.round(value * 10) / 10;
}

/**
 * A picture with axes as inline SVG. It carries no colours of its own: classes take them from the page, so it follows
 * the reader's light or dark theme.
 */
export function plot({
  id,
  width,
  height,
  area,
  xTicks,
  yTicks,
  xTitle,
  yTitle,
  yTitleAt = Math.max(11, area.top - 12),
  title,
  description,
  body,
}: Plot): Html {
  const { left, right, top, bottom } = area;
  return html`<svg class="plot" viewBox="0 0 ${width} ${height}" style="max-width:${pixel(width * largest)}px" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title><desc id="${id}-description">${description}</desc>
<g class="grid">${xTicks.map(({ at }) => html`<path d="M${pixel(at)} ${top}V${bottom}"/>`)}${yTicks.map(({ at }) => html`<path d="M${left} ${pixel(at)}H${right}"/>`)}</g>
${body}
<path class="axis" d="M${left} ${bottom}H${right}"/>
<g class="ticks" text-anchor="middle">${xTicks.map(({ at, label }) => html`<text x="${pixel(at)}" y="${bottom + 16}">${label}</text>`)}</g>
<g class="ticks" text-anchor="end">${yTicks.map(({ at, label }) => html`<text x="${left - 6}" y="${pixel(at) + 4}">${label}</text>`)}</g>
<text class="axis-title" x="${right}" y="${bottom + 34}" text-anchor="end">${xTitle}</text>
<text class="axis-title" x="0" y="${yTitleAt}">${yTitle}</text>
</svg>`;
}

export interface Figure {
  readonly picture: Content;
  readonly caption: Content;
  readonly legend?: Content;
  /** The numbers drawn, as a table behind a disclosure. */
  readonly numbers?: Html | null;
}

export function figure({ picture, caption, legend, numbers }: Figure): Html {
  return html`<figure>${legend}${picture}<figcaption>${caption}</figcaption>${
    numbers === undefined || numbers === null
      ? null
      : html`<details><summary>The numbers in this picture</summary>${numbers}</details>`
  }</figure>`;
}
