import type { ExtractionReport } from '@engram/contract';
import { scaleBand } from 'd3-scale';
import { type Html, html } from '../markup/html.js';
import { formatCount, formatSignificant } from '../numbers/format-number.js';
import { linearAxis, linearTicks } from './axes.js';
import { type PlotArea, pixel, plot } from './plot.js';
import { marker } from './series.js';

export type Exposure = NonNullable<ExtractionReport['exposure']>;

const width = 410;
const height = 340;
const plotArea: PlotArea = { left: 36, right: 358, top: 34, bottom: 294 };

/** Under the null the chance of more than x bits is 2^-x, so these shares of never-planted secrets lie below. */
const nullShares = [0.5, 0.9, 0.99] as const;

/**
 * Exposure of each canary against how often it was planted, with mean and interval for each count of repetitions, over
 * the range in which secrets fall that the model never saw.
 */
export function exposureLadder(id: string, { canaries, byRepetitions, spaceBits }: Exposure): Html {
  const groups = [...new Set([...canaries, ...byRepetitions].map(({ repetitions }) => repetitions))].sort(
    (a, b) => a - b,
  );
  const x = scaleBand(groups, [plotArea.left, plotArea.right]).paddingInner(0.2).paddingOuter(0.1);
  const bits = canaries.flatMap(({ exposureBits, extrapolatedBits }) => [exposureBits, extrapolatedBits ?? 0]);
  const y = linearAxis(
    [...bits, 8],
    [plotArea.bottom, plotArea.top],
    [0, ...(spaceBits < 2 * Math.max(8, ...bits) ? [spaceBits] : [])],
  );
  const half = x.bandwidth() / 2;
  const seen = new Map<number, number>();
  return plot({
    id,
    width,
    height,
    area: plotArea,
    xTicks: groups.map((count) => ({
      at: (x(count) ?? 0) + half,
      label: count === 0 ? 'never' : `${formatCount(count)}×`,
    })),
    yTicks: linearTicks(y, 6),
    xTitle: 'times the secret was planted in training',
    yTitle: 'exposure (bits)',
    title: 'Exposure of planted secrets against repetitions',
    description: describe(byRepetitions),
    body: html`${nullShares.map((share) => {
      const top = y(-Math.log2(1 - share));
      return html`<rect class="null-band" x="${plotArea.left}" y="${pixel(top)}" width="${plotArea.right - plotArea.left}" height="${pixel(plotArea.bottom - top)}"/><text class="note" x="${plotArea.right + 4}" y="${pixel(top) + 4}">${Math.round(share * 100)}%</text>`;
    })}
${
  spaceBits <= y.domain()[1]
    ? html`<path class="ceiling" d="M${plotArea.left} ${pixel(y(spaceBits))}H${plotArea.right}"/><text class="note" x="${plotArea.right + 4}" y="${pixel(y(spaceBits)) + 4}">ceiling</text>`
    : null
}
<g class="series-0">${canaries.map(({ repetitions, exposureBits, extrapolatedBits }) => {
      const order = seen.get(repetitions) ?? 0;
      seen.set(repetitions, order + 1);
      // A golden-ratio sequence spreads the dots evenly, and the same way on every rendering.
      const at = (x(repetitions) ?? 0) + half * (0.15 + 1.1 * ((order * 0.6180339887) % 1));
      return html`<circle class="dot faint" cx="${pixel(at)}" cy="${pixel(y(exposureBits))}" r="3"/>${
        extrapolatedBits === null
          ? null
          : html`<path class="hollow" d="M${pixel(at)} ${pixel(y(extrapolatedBits) - 4)}l4 7h-8Z"/>`
      }`;
    })}</g>
<g class="series-1">${byRepetitions.map(({ repetitions, exposureBits }) => {
      if (exposureBits.status === 'notMeasured') return null;
      const at = (x(repetitions) ?? 0) + half * 1.7;
      return html`<path class="whisker" d="M${pixel(at)} ${pixel(y(exposureBits.low))}V${pixel(y(exposureBits.high))}"/>${marker(1, at, y(exposureBits.value), 56)}`;
    })}</g>`,
  });
}

function describe(byRepetitions: Exposure['byRepetitions']): string {
  const means = byRepetitions.flatMap(({ repetitions, exposureBits }) =>
    exposureBits.status === 'measured'
      ? [`planted ${formatCount(repetitions)} times, ${formatSignificant(exposureBits.value)} bits on average`]
      : [],
  );
  return `One dot for each secret. ${means.join('; ')}. Of secrets the model never saw, 99% lie below 6.64 bits.`;
}
