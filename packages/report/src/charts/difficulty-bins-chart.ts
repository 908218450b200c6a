import type { DifficultyReport } from '@engram/contract';
import { scaleBand } from 'd3-scale';
import { type Html, html } from '../markup/html.js';
import { formatSignificant } from '../numbers/format-number.js';
import { linearAxis, linearTicks, logAxis, logTicks, wantsLog } from './axes.js';
import { type PlotArea, pixel, plot, shortened } from './plot.js';
import { marker } from './series.js';

export type EstimatorResult = DifficultyReport['estimators'][number];

const width = 400;
const height = 230;
const plotArea: PlotArea = { left: 52, right: 392, top: 30, bottom: 184 };

/** Median difficulty of each bin with its low and high, easiest bin first. */
export function difficultyBinsChart(id: string, label: string, bins: EstimatorResult['bins']): Html {
  const values = bins.flatMap(({ low, median, high }) => [low, median, high]);
  const range: [number, number] = [plotArea.bottom, plotArea.top];
  const log = wantsLog(values);
  const y = log ? logAxis([Math.min(...values) / 1.4, Math.max(...values) * 1.4], range) : linearAxis(values, range);
  const x = scaleBand(
    bins.map(({ bin }) => bin),
    [plotArea.left, plotArea.right],
  );
  return plot({
    id,
    width,
    height,
    area: plotArea,
    xTicks: bins.map(({ bin }, i) => ({
      at: (x(bin) ?? 0) + x.bandwidth() / 2,
      label: i === 0 ? 'easiest' : i === bins.length - 1 ? 'hardest' : String(i + 1),
    })),
    yTicks: log ? logTicks(y, formatSignificant, 5) : linearTicks(y, 5),
    xTitle: 'fifths of the records',
    yTitle: `${shortened(label, 40)}: difficulty`,
    title: `Difficulty by ${label} in bins of equal size`,
    description: bins
      .map(
        ({ median, low, high, count }, i) =>
          `Bin ${i + 1}, ${count} records: median ${formatSignificant(median)}, ${formatSignificant(low)} to ${formatSignificant(high)}.`,
      )
      .join(' '),
    body: html`<g class="series-0">${bins.map(({ bin, median, low, high }) => {
      const at = (x(bin) ?? 0) + x.bandwidth() / 2;
      return html`<path class="whisker wide" d="M${pixel(at)} ${pixel(y(low))}V${pixel(y(high))}"/>${marker(0, at, y(median), 64)}`;
    })}</g>`,
  });
}
