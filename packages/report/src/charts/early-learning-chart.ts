import type { LabelMemorizationReport } from '@engram/contract';
import { area, line } from 'd3-shape';
import { type Html, html } from '../markup/html.js';
import { formatPercent, formatSignificant } from '../numbers/format-number.js';
import { linearAxis, linearTicks } from './axes.js';
import { type PlotArea, pixel, plot } from './plot.js';
import { seriesClass, seriesDash } from './series.js';

export type EarlyLearning = NonNullable<LabelMemorizationReport['earlyLearning']>;
type Curve = EarlyLearning['trueLabel'];

const width = 430;
const height = 320;
const plotArea: PlotArea = { left: 46, right: 416, top: 40, bottom: 274 };
/** The title of the axis stands over the label of the early-learning point. */
const titleLine = 14;

/** What is drawn epoch by epoch, in the order of the series. */
export const earlyLearningSeries: readonly { readonly label: string; readonly of: (curves: EarlyLearning) => Curve }[] =
  [
    { label: '(a) flipped, predicted as they truly are', of: ({ trueLabel }) => trueLabel },
    { label: '(b) flipped, predicted as taught', of: ({ flippedLabel }) => flippedLabel },
    { label: '(c) left alone, predicted right', of: ({ clean }) => clean },
    { label: 'never seen, predicted right', of: ({ heldOut }) => heldOut },
  ];

/** Place of the curve that shows labels learned by heart. */
const byHeart = 1;

/**
 * Flipped samples epoch by epoch: first predicted as they truly are, then as they were taught. The early-learning point is
 * an upright line over the range of the runs; the area between curve (b) and guessing is shaded.
 */
export function earlyLearningChart(id: string, curves: EarlyLearning): Html {
  const { epochs, chance, point, pointPerRun } = curves;
  const x = linearAxis(epochs, [plotArea.left, plotArea.right], [epochs[0] ?? 1, epochs.at(-1) ?? 1]);
  const y = linearAxis([], [plotArea.bottom, plotArea.top], [0, 1]);
  const points = ({ value }: Curve) => epochs.map((epoch, i) => [x(epoch), y(value[i] ?? 0)] as const);
  const curve = line<readonly [number, number]>().digits(1);
  const band = area<number>()
    .x((i) => x(epochs[i]))
    .digits(1);
  const shaded = area<readonly [number, number]>().y0(y(chance)).digits(1);
  const [first, last] = [Math.min(...pointPerRun), Math.max(...pointPerRun)];
  const at = point.status === 'measured' ? point.value : first;
  return plot({
    id,
    width,
    height,
    area: plotArea,
    xTicks: linearTicks(x, 6),
    yTicks: linearTicks(y, 5, formatPercent),
    xTitle: 'epoch of training',
    yTitle: 'share of samples',
    yTitleAt: titleLine,
    title: 'How flipped labels are learned, epoch by epoch',
    description: describe(curves),
    body: html`<g class="${seriesClass(byHeart)}"><path class="learned-by-heart" d="${shaded(points(curves.flippedLabel)) ?? ''}"/></g>
<path class="chance" d="M${plotArea.left} ${pixel(y(chance))}H${plotArea.right}"/><text class="note" x="${plotArea.right - 3}" y="${pixel(y(chance)) - 4}" text-anchor="end">guessing</text>
${
  pointPerRun.length === 0
    ? null
    : html`<rect class="null-band" x="${pixel(x(first))}" y="${plotArea.top}" width="${pixel(Math.max(0, x(last) - x(first)))}" height="${plotArea.bottom - plotArea.top}"/><path class="reached" d="M${pixel(x(at))} ${plotArea.top}V${plotArea.bottom}"/><text class="note" x="${pixel(x(at) + (x(at) > plotArea.right - 120 ? -4 : 4))}" y="${plotArea.top - 3}" text-anchor="${x(at) > plotArea.right - 120 ? 'end' : 'start'}">early-learning point</text>`
}
${earlyLearningSeries.map(({ of }, i) => {
  const series = of(curves);
  const edges = band.y0((j) => y(series.low[j] ?? 0)).y1((j) => y(series.high[j] ?? 0));
  return html`<g class="${seriesClass(i)}"><path class="band" d="${edges(epochs.map((_, j) => j)) ?? ''}"/><path class="line" stroke-dasharray="${seriesDash(i)}" d="${curve(points(series)) ?? ''}"/></g>`;
})}`,
  });
}

function describe(curves: EarlyLearning): string {
  const { epochs, pointPerRun } = curves;
  const parts = earlyLearningSeries.map(({ label, of }) => {
    const { value } = of(curves);
    return `${label}: from ${formatPercent(value[0] ?? 0)} to ${formatPercent(value.at(-1) ?? 0)}.`;
  });
  const runs =
    pointPerRun.length === 0 ? '' : ` The early-learning point of each run: epoch ${pointPerRun.join(', ')}.`;
  return `Over epochs ${formatSignificant(epochs[0] ?? 0)} to ${formatSignificant(epochs.at(-1) ?? 0)}. ${parts.join(' ')}${runs}`;
}
