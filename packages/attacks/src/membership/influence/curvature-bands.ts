import type { LayerSize } from './last-layer.js';

/** Rows of a matrix over the weights of a last layer: inputs `from` to `to` of one unit. */
export interface Strip {
  readonly unit: number;
  readonly from: number;
  readonly to: number;
}

/** Strips that lie on one another and are computed with as one. */
export interface Band {
  readonly strips: readonly Strip[];
  readonly start: number;
  readonly end: number;
}

/** Large enough that products run at full speed, small enough that a block is inverted at once. */
const rowsPerBand = 512;

/** The weights of a last layer, unit after unit, in bands of whole units, or of parts of one unit. */
export function bandsOf({ width, units }: LayerSize): readonly Band[] {
  const parts = Math.ceil(width / rowsPerBand);
  const edges = Array.from({ length: parts + 1 }, (_, part) => Math.round((part * width) / parts));
  const strips = Array.from({ length: units }, (_, unit) =>
    edges.slice(1).map((to, part): Strip => ({ unit, from: edges[part]!, to })),
  ).flat();
  const each = Math.max(1, Math.floor(rowsPerBand / width));
  return Array.from({ length: Math.ceil(strips.length / each) }, (_, band) => {
    const within = strips.slice(band * each, (band + 1) * each);
    const [first, last] = [within[0]!, within.at(-1)!];
    return { strips: within, start: first.unit * width + first.from, end: last.unit * width + last.to };
  });
}
