import type { DifficultyReport } from '@engram/contract';
import { type Html, html } from '../markup/html.js';
import { formatSignificant } from '../numbers/format-number.js';
import { linearAxis, linearTicks, logAxis, logTicks, wantsLog } from './axes.js';
import { type PlotArea, pixel, plot } from './plot.js';
import { marker } from './series.js';

export type ForgetSet = NonNullable<DifficultyReport['verification']>['forgetSets'][number];

const width = 410;
const height = 320;
const plotArea: PlotArea = { left: 46, right: 394, top: 34, bottom: 274 };

/** Estimated difficulty of each forget set against the steps unlearning it took; an arrow where the budget ran out. */
export function difficultyStepsChart(id: string, forgetSets: readonly ForgetSet[]): Html {
  const measured = forgetSets.flatMap((set) =>
    set.stepsToRetrainLevel.status === 'measured' ? [{ set, steps: set.stepsToRetrainLevel }] : [],
  );
  const xs = measured.map(({ set }) => set.medianDifficulty);
  const ys = measured.flatMap(({ steps }) => [steps.low, steps.value, steps.high]);
  const xRange: [number, number] = [plotArea.left + 8, plotArea.right - 14];
  const logX = wantsLog(xs);
  const x = logX ? logAxis([Math.min(...xs) / 1.3, Math.max(...xs) * 1.3], xRange) : linearAxis(xs, xRange);
  const y = linearAxis(ys, [plotArea.bottom, plotArea.top + 10], [0]);
  return plot({
    id,
    width,
    height,
    area: plotArea,
    xTicks: logX ? logTicks(x, formatSignificant) : linearTicks(x, 5),
    yTicks: linearTicks(y, 6),
    xTitle: 'estimated difficulty (median of the set)',
    yTitle: 'steps until like never trained on',
    title: 'Estimated difficulty against measured unlearning steps',
    description: measured
      .map(
        ({ set, steps }) =>
          `Set ${set.set}: difficulty ${formatSignificant(set.medianDifficulty)}, ${set.censored ? 'not reached within ' : ''}${formatSignificant(steps.value)} steps.`,
      )
      .join(' '),
    body: html`<g class="series-0">${measured.map(({ set, steps }) => {
      const px = x(set.medianDifficulty);
      const py = y(steps.value);
      return html`<path class="whisker" d="M${pixel(px)} ${pixel(y(steps.low))}V${pixel(y(steps.high))}"/>${
        set.censored ? html`<path class="hollow" d="M${pixel(px)} ${pixel(py - 8)}l6 10h-12Z"/>` : marker(0, px, py, 60)
      }<text class="point-label" x="${pixel(px + 8)}" y="${pixel(py + 4)}">${set.set}</text>`;
    })}</g>`,
  });
}
