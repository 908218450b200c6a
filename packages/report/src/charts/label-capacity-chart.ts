import type { LabelMemorizationReport } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { line } from 'd3-shape';
import { type Html, html } from '../markup/html.js';
import { formatPercent } from '../numbers/format-number.js';
import { linearAxis, linearTicks } from './axes.js';
import { type PlotArea, pixel, plot } from './plot.js';
import { marker, seriesClass, seriesDash } from './series.js';

export type Capacity = NonNullable<LabelMemorizationReport['randomLabels']>;
type Level = Capacity['levels'][number];

const width = 410;
const height = 300;
const plotArea: PlotArea = { left: 46, right: 394, top: 34, bottom: 254 };

/** What is drawn over the share of random labels, in the order of the series. */
export const capacitySeries: readonly { readonly label: string; readonly of: (level: Level) => Measured }[] = [
  { label: 'labels taught', of: ({ trainingAccuracy }) => trainingAccuracy },
  { label: 'of these, random ones', of: ({ randomLabelAccuracy }) => randomLabelAccuracy },
  { label: 'true labels of records never seen', of: ({ heldOutAccuracy }) => heldOutAccuracy },
];

/** Accuracy in training and on held-out records, against the share of labels drawn at random. */
export function labelCapacityChart(id: string, { levels, chance }: Capacity): Html {
  const x = linearAxis([], [plotArea.left + 10, plotArea.right - 10], [0, 1]);
  const y = linearAxis([], [plotArea.bottom, plotArea.top], [0, 1]);
  const curve = line<readonly [number, number]>().digits(1);
  return plot({
    id,
    width,
    height,
    area: plotArea,
    xTicks: linearTicks(x, 5, formatPercent),
    yTicks: linearTicks(y, 5, formatPercent),
    xTitle: 'labels drawn at random',
    yTitle: 'answered right',
    title: 'Accuracy against the share of random labels',
    description: levels.map(describe).join(' '),
    body: html`<path class="chance" d="M${plotArea.left} ${pixel(y(chance))}H${plotArea.right}"/><text class="note" x="${pixel(x(0.5))}" y="${pixel(y(chance)) - 4}" text-anchor="middle">guessing</text>${capacitySeries.map(
      ({ of }, i) => {
        const points = levels.flatMap((level) => {
          const measured = of(level);
          return measured.status === 'measured' ? [{ at: x(level.corruption), measured }] : [];
        });
        return html`<g class="${seriesClass(i)}"><path class="line" stroke-dasharray="${seriesDash(i)}" d="${curve(points.map(({ at, measured }) => [at, y(measured.value)] as const)) ?? ''}"/>${points.map(
          ({ at, measured }) =>
            html`<path class="whisker" d="M${pixel(at)} ${pixel(y(measured.low))}V${pixel(y(measured.high))}"/>${marker(i, at, y(measured.value))}`,
        )}</g>`;
      },
    )}`,
  });
}

function describe(level: Level): string {
  const parts = capacitySeries.flatMap(({ label, of }) => {
    const measured = of(level);
    return measured.status === 'measured' ? [`${label} ${formatPercent(measured.value)}`] : [];
  });
  return `With ${formatPercent(level.corruption)} of the labels drawn at random: ${parts.join(', ')}.`;
}
