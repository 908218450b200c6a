import { choleskyFactor, choleskySolve } from '@engram/numeric';
import type { SampleError } from './last-layer.js';

/**
 * g' (Q^-1 - w C)^-1 g for Q = J H^-1 J' and C = diag(p) - p p': what the sample's own curvature adds to H is taken out
 * again, by Woodbury's identity, as Q + w Q B (I - w B' Q B)^-1 B' Q with C = B B', B = diag(s) - p s', s = sqrt p. In one
 * dimension g^2 q / (1 - w c q): the 1 - h of leverage.
 *
 * @param reach (units, units) Q, symmetric.
 */
export function withoutItself(
  reach: Float64Array,
  { direction, curvature, probabilities }: SampleError,
  weight: number,
): number {
  const u = direction.length;
  if (u === 1) return (direction[0]! ** 2 * reach[0]!) / (1 - weight * curvature[0]! * reach[0]!);
  const roots = probabilities.map(Math.sqrt);
  const reached = multiply(reach, direction);
  const centred = multiply(reach, probabilities);
  const middle = dot(probabilities, centred);
  const room = new Float64Array(u * u);
  for (let a = 0; a < u; a += 1)
    for (let b = 0; b <= a; b += 1) {
      const own = reach[a * u + b]! - centred[a]! - centred[b]! + middle;
      room[a * u + b] = (a === b ? 1 : 0) - weight * roots[a]! * roots[b]! * own;
    }
  // B' Q g, with 1 - p from the second derivative: what a sure class is reached by would cancel.
  const mean = dot(probabilities, reached);
  const seen = reached.map((value, a) => {
    const root = roots[a]!;
    if (root === 0) return 0;
    return (curvature[a]! / root) * value - root * (mean - probabilities[a]! * value);
  });
  return dot(direction, reached) + weight * dot(seen, choleskySolve(choleskyFactor(room, u), seen));
}

function multiply(matrix: Float64Array, x: Float64Array): Float64Array {
  const n = x.length;
  return x.map((_, i) => dot(matrix.subarray(i * n, (i + 1) * n), x));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}
