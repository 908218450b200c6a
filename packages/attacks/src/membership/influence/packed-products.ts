/** Entries of the lower triangle of a symmetric matrix of this order, the diagonal among them. */
export function packedLength(order: number): number {
  return (order * (order + 1)) / 2;
}

/** Where row `a`, column `b` <= `a` lies in a packed lower triangle. */
export function packedIndex(a: number, b: number): number {
  return (a * (a + 1)) / 2 + b;
}

/** Lower triangle of x x', row after row. */
export function packedOuter(x: Float64Array, into: Float64Array): Float64Array {
  let at = 0;
  for (let k = 0; k < x.length; k += 1) for (let l = 0; l <= k; l += 1) into[at++] = x[k]! * x[l]!;
  return into;
}
