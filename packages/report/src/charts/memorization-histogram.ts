import type { MemorizationReport } from '@engram/contract';
import { type Html, html } from '../markup/html.js';
import { formatPercent, formatSignificant } from '../numbers/format-number.js';
import { linearAxis, linearTicks, logAxis, logTicks } from './axes.js';
import { type PlotArea, pixel, plot } from './plot.js';
import { type Corner, steppedShares } from './stepped-shares.js';

const width = 420;
const height = 290;
const plotArea: PlotArea = { left: 50, right: 408, top: 38, bottom: 244 };

/**
 * Estimates of memorization, members filled and non-members outlined, as shares of each group on a logarithmic axis: most
 * are near zero, and the few beyond the threshold matter. As far below zero lies what chance alone gives.
 *
 * @param samples members and non-members the shares are of; sets where the axis begins.
 */
export function memorizationHistogram(
  id: string,
  { edges, members, nonMembers }: MemorizationReport['distribution'],
  threshold: number,
  samples: number,
): Html {
  const least = 0.5 / Math.max(samples, 10);
  const x = linearAxis([], [plotArea.left, plotArea.right], [edges[0] ?? -1, edges.at(-1) ?? 1]);
  const y = logAxis([least, 1], [plotArea.bottom, plotArea.top]);
  const corners = (shares: readonly number[]): Corner[] => [
    ...shares.map((share, i): Corner => [edges[i] ?? 1, Math.max(least, share)]),
    [edges.at(-1) ?? 1, least],
  ];
  const steps = steppedShares(corners(members), corners(nonMembers), { x, y, ground: plotArea.bottom });
  return plot({
    id,
    width,
    height,
    area: plotArea,
    xTicks: linearTicks(x, 6),
    yTicks: logTicks(y, formatPercent, 5),
    xTitle: 'estimated memorization',
    yTitle: 'share of records',
    title: 'Estimates of memorization',
    description: describe({ edges, members, nonMembers }, threshold),
    body: html`<rect class="unresolved" x="${pixel(x(threshold))}" y="${plotArea.top}" width="${pixel(plotArea.right - x(threshold))}" height="${plotArea.bottom - plotArea.top}"/><rect class="unresolved" x="${plotArea.left}" y="${plotArea.top}" width="${pixel(x(-threshold) - plotArea.left)}" height="${plotArea.bottom - plotArea.top}"/>
<text class="note" x="${pixel(x(threshold)) + 4}" y="${plotArea.top + 11}">memorised</text><text class="note" x="${pixel(x(-threshold)) - 4}" y="${plotArea.top + 11}" text-anchor="end">by chance as far</text>
${steps}
<path class="chance" d="M${pixel(x(threshold))} ${plotArea.top}V${plotArea.bottom}M${pixel(x(-threshold))} ${plotArea.top}V${plotArea.bottom}"/>`,
  });
}

function describe({ edges, members, nonMembers }: MemorizationReport['distribution'], threshold: number): string {
  const beyond = (shares: readonly number[]) =>
    formatPercent(shares.reduce((sum, share, i) => sum + ((edges[i] ?? -1) >= threshold - 1e-9 ? share : 0), 0));
  return `In the bins from ${formatSignificant(threshold)} on lie ${beyond(members)} of the members and ${beyond(nonMembers)} of the non-members.`;
}
