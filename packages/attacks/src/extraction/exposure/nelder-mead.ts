/** A point and its value. */
interface Vertex {
  readonly x: Float64Array;
  readonly value: number;
}

/**
 * Minimises a function of a few parameters without derivatives, by the simplex of Nelder and Mead 1965 with their
 * coefficients 1, 2, 1/2, 1/2.
 *
 * @param objective finite at `start`; Infinity or NaN marks what is out of bounds.
 * @param start (p).
 * @param step size of the first simplex along each parameter.
 * @param options stops when the simplex's values differ by less than `tolerance`, or after `maxEvaluations`.
 */
export function nelderMead(
  objective: (x: Float64Array) => number,
  start: Float64Array,
  step: number,
  { tolerance = 1e-10, maxEvaluations = 2000 }: { readonly tolerance?: number; readonly maxEvaluations?: number } = {},
): Vertex & { readonly converged: boolean } {
  let evaluations = 0;
  const at = (x: Float64Array): Vertex => {
    evaluations += 1;
    const value = objective(x);
    return { x, value: Number.isNaN(value) ? Infinity : value };
  };
  const simplex = [at(start), ...Array.from(start, (_, j) => at(start.map((v, i) => (i === j ? v + step : v))))];
  const worst = simplex.length - 1;
  for (;;) {
    simplex.sort((a, b) => a.value - b.value);
    const spread = simplex[worst].value - simplex[0].value;
    if (spread <= tolerance * (1 + Math.abs(simplex[0].value)) || evaluations >= maxEvaluations)
      return { ...simplex[0], converged: evaluations < maxEvaluations };
    const centre = start.map((_, j) => simplex.slice(0, worst).reduce((sum, { x }) => sum + x[j], 0) / worst);
    // Along the line from the worst vertex through the centre of the others; 1 is its mirror image.
    const along = (t: number) => at(centre.map((c, j) => c + t * (c - simplex[worst].x[j])));
    const mirrored = along(1);
    if (mirrored.value < simplex[0].value) {
      const further = along(2);
      simplex[worst] = further.value < mirrored.value ? further : mirrored;
    } else if (mirrored.value < simplex[worst - 1].value) {
      simplex[worst] = mirrored;
    } else {
      const outside = mirrored.value < simplex[worst].value;
      const nearer = along(outside ? 0.5 : -0.5);
      if (nearer.value < (outside ? mirrored.value : simplex[worst].value)) simplex[worst] = nearer;
      else for (let k = 1; k <= worst; k += 1) simplex[k] = at(simplex[k].x.map((v, j) => (v + simplex[0].x[j]) / 2));
    }
  }
}
