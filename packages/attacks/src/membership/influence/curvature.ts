import type { SampleError } from './last-layer.js';

/**
 * Second derivatives of the loss at the units: diag(p) - p p', for a sigmoid p (1 - p). Rows sum to zero over the classes,
 * so the diagonal is taken from the complements.
 *
 * @returns (units, units).
 */
export function unitCurvature({ probabilities, complements }: SampleError): Float64Array {
  const u = probabilities.length;
  return Float64Array.from({ length: u * u }, (_, at) => {
    const [a, b] = [Math.floor(at / u), at % u];
    return a === b ? probabilities[a]! * complements[a]! : -probabilities[a]! * probabilities[b]!;
  });
}

/**
 * B with B B' = diag(p) - p p': for a softmax diag(sqrt p) - p sqrt(p)', for a sigmoid the root of p (1 - p).
 *
 * @returns (units, units).
 */
export function curvatureRoot({ probabilities, complements }: SampleError): Float64Array {
  const u = probabilities.length;
  if (u === 1) return Float64Array.of(Math.sqrt(probabilities[0]! * complements[0]!));
  return Float64Array.from({ length: u * u }, (_, at) => {
    const [a, b] = [Math.floor(at / u), at % u];
    const root = Math.sqrt(probabilities[b]!);
    return a === b ? root * complements[a]! : -probabilities[a]! * root;
  });
}
