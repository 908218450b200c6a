import type { AttackResult } from '@engram/contract';
import { area, curveStepAfter, line } from 'd3-shape';
import { type Html, html } from '../markup/html.js';
import { formatPercent } from '../numbers/format-number.js';
import { logAxis, logTicks } from './axes.js';
import { type PlotArea, pixel, plot } from './plot.js';
import { marker, seriesClass, seriesDash } from './series.js';

/** What a curve of the picture is drawn from: an attack's result under the name the reader sees. */
export interface RocSeries {
  readonly label: string;
  readonly result: Pick<AttackResult, 'roc' | 'tprAtFpr' | 'primary'>;
}

interface Step {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

const width = 410;
const height = 390;
const plotArea: PlotArea = { left: 50, right: 396, top: 34, bottom: 344 };

/**
 * Receiver operating characteristic on two logarithmic axes, from a tenth of one false accusation to all. Curves are
 * steps, never interpolated. The band is the primary attack's; the others carry whiskers at the rates asked for.
 *
 * @param nonMembers how many non-members the rates rest on; sets where the axes begin.
 */
export function rocChart(id: string, series: readonly RocSeries[], nonMembers: number): Html {
  const least = 1 / (10 * Math.max(nonMembers, 10));
  const x = logAxis([least, 1], [plotArea.left, plotArea.right]);
  const y = logAxis([least, 1], [plotArea.bottom, plotArea.top]);
  const steps = series.map(({ result }) => visibleSteps(result.roc, x, y, least));
  const band = area<Step>(
    (step) => step.x,
    (step) => step.low,
    (step) => step.high,
  )
    .curve(curveStepAfter)
    .digits(1);
  const curve = line<Step>(
    (step) => step.x,
    (step) => step.y,
  )
    .curve(curveStepAfter)
    .digits(1);
  const primary = series.findIndex(({ result }) => result.primary);
  const drawn = series.map((_, i) => i).sort((a, b) => Number(a === primary) - Number(b === primary));
  const unresolved = x(1 / Math.max(nonMembers, 10));

  return plot({
    id,
    width,
    height,
    area: plotArea,
    xTicks: logTicks(x, formatPercent),
    yTicks: logTicks(y, formatPercent),
    xTitle: 'non-members wrongly accused (false positive rate)',
    yTitle: 'members found (true positive rate)',
    title: 'ROC curves on logarithmic axes',
    description: describe(series),
    body: html`<rect class="unresolved" x="${plotArea.left}" y="${plotArea.top}" width="${pixel(unresolved - plotArea.left)}" height="${plotArea.bottom - plotArea.top}"/>
<path class="chance" d="M${plotArea.left} ${plotArea.bottom}L${plotArea.right} ${plotArea.top}"/>
<text class="note" transform="translate(${pixel(x(least * 3) + 8)} ${pixel(y(least * 3) + 12)}) rotate(${pixel((-Math.atan2(plotArea.bottom - plotArea.top, plotArea.right - plotArea.left) * 180) / Math.PI)})">guessing</text>
${primary >= 0 ? html`<g class="${seriesClass(primary)}"><path class="band" d="${band(steps[primary]) ?? ''}"/></g>` : null}
${drawn.map(
  (i) =>
    html`<g class="${seriesClass(i)}${i === primary ? ' primary' : ''}"><path class="line" stroke-dasharray="${seriesDash(i)}" d="${curve(steps[i]) ?? ''}"/>${askedPoints(series[i], i)}</g>`,
)}`,
  });

  function askedPoints({ result }: RocSeries, index: number): Html[] {
    // Whiskers of several attacks at the same rate would hide one another.
    const aside = (index - (series.length - 1) / 2) * 7;
    return result.tprAtFpr.flatMap(({ fpr, measured }) => {
      if (measured.status === 'notMeasured' || measured.value < least) return [];
      const at = Math.min(plotArea.right, x(Math.max(fpr, least)) + aside);
      return html`<path class="whisker" d="M${pixel(at)} ${pixel(y(Math.max(measured.low, least)))}V${pixel(y(Math.max(measured.high, least)))}"/>${marker(index, at, y(measured.value))}`;
    });
  }
}

/** The corners of a curve that fall on different pixels, from where it first rises above the bottom of the picture. */
function visibleSteps(
  roc: AttackResult['roc'],
  x: (value: number) => number,
  y: (value: number) => number,
  least: number,
): Step[] {
  const lastAt = new Map<number, number>();
  roc.fpr.forEach((fpr, i) => {
    // Where several thresholds share a column of pixels the last one reaches highest, which is what the step shows.
    if (roc.tpr[i] >= least) lastAt.set(Math.round(x(Math.max(fpr, least)) * 2) / 2, i);
  });
  return [...lastAt].map(([column, i]) => ({
    x: column,
    y: y(roc.tpr[i]),
    low: y(Math.max(roc.low[i] ?? roc.tpr[i], least)),
    high: y(Math.max(roc.high[i] ?? roc.tpr[i], least)),
  }));
}

function describe(series: readonly RocSeries[]): string {
  const points = series.flatMap(({ label, result }) =>
    result.tprAtFpr.flatMap(({ fpr, measured }) =>
      measured.status === 'measured'
        ? [
            `${label} finds ${formatPercent(measured.value)} of members at a false positive rate of ${formatPercent(fpr)}`,
          ]
        : [],
    ),
  );
  return `One stepped line for each attack; the diagonal is guessing. ${points.join('; ')}.`;
}
