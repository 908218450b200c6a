import type { AttackResult } from '@engram/contract';
import { type Html, html } from '../markup/html.js';
import { linearAxis, linearTicks } from './axes.js';
import { type PlotArea, plot, shortened } from './plot.js';
import { type Corner, steppedShares } from './stepped-shares.js';

const width = 250;
const height = 160;
const plotArea: PlotArea = { left: 8, right: 242, top: 26, bottom: 122 };

/** Scores of members (filled) over those of non-members (dashed outline), each as shares of its own group. */
export function scoreHistogram(id: string, label: string, histogram: AttackResult['histogram']): Html {
  const { edges, members, nonMembers } = histogram;
  const x = linearAxis([], [plotArea.left, plotArea.right], [edges[0] ?? 0, edges.at(-1) ?? 1]);
  const y = linearAxis([...members, ...nonMembers, 1e-9], [plotArea.bottom, plotArea.top + 6], [0]);
  // A step needs its last edge too, and an outline starts and ends on the ground.
  const corners = (shares: readonly number[]): Corner[] => [
    ...shares.map((share, i): Corner => [edges[i], share]),
    [edges.at(-1) ?? 1, 0],
  ];
  const steps = steppedShares(corners(members), corners(nonMembers), { x, y, ground: y(0) });
  return plot({
    id,
    width,
    height,
    area: plotArea,
    xTicks: linearTicks(x, 4),
    yTicks: [],
    xTitle: 'score',
    yTitle: shortened(label, 34),
    title: `Scores of ${label}`,
    description: `Shares of members and of non-members over the score. ${overlap(members, nonMembers)}`,
    body: steps,
  });
}

function overlap(members: readonly number[], nonMembers: readonly number[]): string {
  const shared = members.reduce((sum, share, i) => sum + Math.min(share, nonMembers[i] ?? 0), 0);
  return `The two overlap by ${Math.round(shared * 100)}%.`;
}

/** What filled and dashed mean, once for all the pictures. */
export function histogramLegend(): Html {
  return html`<ul class="legend"><li class="members"><svg viewBox="0 0 34 12" width="34" height="12" aria-hidden="true"><path class="band" d="M0 2H34V12H0Z"/><path class="line" d="M0 2H34"/></svg><span>members</span></li><li class="non-members"><svg viewBox="0 0 34 12" width="34" height="12" aria-hidden="true"><path class="line" stroke-dasharray="4 2" d="M0 6H34"/></svg><span>non-members</span></li></ul>`;
}
