import type { ExtractionReport } from '@engram/contract';
import { area, line } from 'd3-shape';
import { type Html, html } from '../markup/html.js';
import { formatPercent, formatSignificant } from '../numbers/format-number.js';
import { linearAxis, linearTicks, logAxis, logTicks } from './axes.js';
import { type PlotArea, plot } from './plot.js';
import { marker, seriesClass, seriesDash } from './series.js';

export type Decoder = NonNullable<ExtractionReport['prefixSuffix']>['decoders'][number];

const width = 410;
const height = 320;
const plotArea: PlotArea = { left: 44, right: 374, top: 34, bottom: 274 };

/** Numbers of draws are long: more of them would run into one another. */
const mostTicks = 5;

/** Share of records emitted at least once, against the number of draws; the shaded band under each is the controls'. */
export function extractionRateChart(id: string, decoders: readonly Decoder[]): Html {
  const draws = decoders.flatMap(({ curve }) => curve.draws).filter((count) => count > 0);
  const rates = decoders.flatMap(({ curve }) => [...curve.rate, ...curve.controlRate]);
  const x = logAxis([Math.min(1, ...draws), Math.max(10, ...draws)], [plotArea.left, plotArea.right]);
  const y = linearAxis([Math.min(1, Math.max(0.001, ...rates) * 1.08)], [plotArea.bottom, plotArea.top], [0]);
  const points = ({ curve }: Decoder, rate: readonly number[]) =>
    curve.draws.flatMap((count, i) => (count > 0 && rate[i] !== undefined ? [[x(count), y(rate[i])] as const] : []));
  const curve = line<readonly [number, number]>().digits(1);
  const band = area<readonly [number, number]>().y0(y(0)).digits(1);
  return plot({
    id,
    width,
    height,
    area: plotArea,
    xTicks: logTicks(x, formatSignificant, mostTicks),
    yTicks: linearTicks(y, 5, formatPercent),
    xTitle: 'draws from the model for each record',
    yTitle: 'records reproduced at least once',
    title: 'Extraction rate against the number of draws',
    description: decoders.map(describe).join(' '),
    body: decoders.map((decoder, i) => {
      const reached = points(decoder, decoder.curve.rate);
      const controls = points(decoder, decoder.curve.controlRate);
      return html`<g class="${seriesClass(i)}"><path class="band" d="${band(controls) ?? ''}"/><path class="line thin" stroke-dasharray="1 3" d="${curve(controls) ?? ''}"/><path class="line" stroke-dasharray="${seriesDash(i)}" d="${curve(reached) ?? ''}"/>${reached.map(([px, py]) => marker(i, px, py, 26))}</g>`;
    }),
  });
}

function describe({ decoder, curve }: Decoder): string {
  const last = curve.draws.length - 1;
  if (last < 0) return `${decoder}: no draws.`;
  return `${decoder}: from ${formatPercent(curve.rate[0])} of records with ${formatSignificant(curve.draws[0])} draws to ${formatPercent(curve.rate[last])} with ${formatSignificant(curve.draws[last])}; controls reach ${formatPercent(curve.controlRate[last] ?? 0)}.`;
}
