import { line } from 'd3-shape';
import { type Html, html } from '../markup/html.js';
import { formatSignificant } from '../numbers/format-number.js';
import { type Axis, linearAxis, linearTicks } from './axes.js';
import type { ForgetSet } from './difficulty-steps-chart.js';
import { type PlotArea, pixel, plot } from './plot.js';

const width = 260;
const height = 170;
const plotArea: PlotArea = { left: 38, right: 250, top: 28, bottom: 128 };

/** The axes all gap curves of a report share, so that the sets can be compared at a glance. */
export interface GapAxes {
  readonly x: Axis;
  readonly y: Axis;
}

export function gapAxes(forgetSets: readonly ForgetSet[], tolerance: number): GapAxes {
  return {
    x: linearAxis(
      forgetSets.flatMap(({ curve }) => curve.steps),
      [plotArea.left, plotArea.right],
      [0],
    ),
    y: linearAxis(
      forgetSets.flatMap(({ curve }) => curve.gap),
      [plotArea.bottom, plotArea.top],
      [-1.2 * tolerance, 1.2 * tolerance],
    ),
  };
}

/** How far one forget set still is from never trained on, step by step, with the tolerance as a band around zero. */
export function gapCurveChart(id: string, set: ForgetSet, { x, y }: GapAxes, tolerance: number): Html {
  const points = set.curve.steps.map((step, i) => [x(step), y(set.curve.gap[i] ?? 0)] as const);
  const reached = set.stepsToRetrainLevel;
  const label = `Set ${set.set}: difficulty ${formatSignificant(set.medianDifficulty, 2)}`;
  return plot({
    id,
    width,
    height,
    area: plotArea,
    xTicks: linearTicks(x, 4),
    yTicks: linearTicks(y, 4),
    xTitle: 'steps of unlearning',
    yTitle: label,
    title: `Gap of forget set ${set.set} during unlearning`,
    description: `From ${formatSignificant(set.curve.gap[0] ?? 0)} to ${formatSignificant(set.curve.gap.at(-1) ?? 0)} over ${formatSignificant(set.curve.steps.at(-1) ?? 0)} steps; the tolerance is ${formatSignificant(tolerance)} either way.`,
    body: html`<rect class="tolerance" x="${plotArea.left}" y="${pixel(y(tolerance))}" width="${plotArea.right - plotArea.left}" height="${pixel(y(-tolerance) - y(tolerance))}"/>
${
  reached.status === 'measured' && !set.censored
    ? html`<path class="reached" d="M${pixel(x(reached.value))} ${plotArea.top}V${plotArea.bottom}"/>`
    : null
}<g class="series-0"><path class="line" d="${line<readonly [number, number]>().digits(1)(points) ?? ''}"/></g>`,
  });
}
