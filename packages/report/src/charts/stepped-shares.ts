import { area, curveStepAfter, line } from 'd3-shape';
import { type Html, html } from '../markup/html.js';

/** Where a step begins, and how high it is. */
export type Corner = readonly [edge: number, share: number];

/** Where edges and shares lie on a picture, in pixels. */
export interface StepScales {
  readonly x: (edge: number) => number;
  readonly y: (share: number) => number;
  /** What the filled steps stand on. */
  readonly ground: number;
}

/** The steps of members, filled, under those of non-members, a dashed outline. */
export function steppedShares(
  members: readonly Corner[],
  nonMembers: readonly Corner[],
  { x, y, ground }: StepScales,
): Html {
  const filled = area<Corner>(
    ([edge]) => x(edge),
    ground,
    ([, share]) => y(share),
  )
    .curve(curveStepAfter)
    .digits(1);
  const outline = line<Corner>(
    ([edge]) => x(edge),
    ([, share]) => y(share),
  )
    .curve(curveStepAfter)
    .digits(1);
  return html`<g class="members"><path class="band" d="${filled(members) ?? ''}"/><path class="line" d="${outline(members) ?? ''}"/></g>
<g class="non-members"><path class="line" stroke-dasharray="4 2" d="${outline(nonMembers) ?? ''}"/></g>`;
}
