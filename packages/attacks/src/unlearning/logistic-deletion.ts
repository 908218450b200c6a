import type { NdArray } from '@engram/domain';
import { choleskyFactor, choleskySolve, sigmoid } from '@engram/numeric';

/**
 * One step that unlearns samples from a fitted logistic regression: theta + H^-1 times the gradient of their summed loss.
 *
 * @param features (n, p). @param labels (n) 0 or 1. @param penalty lambda in lambda/2 |theta|^2.
 * @param weights (p) fitted on all rows. @param forget rows to delete.
 * @param hessian `retain`: a Newton step, second order in the deletion. `all`: the influence step, some times worse.
 * @returns (p) weights near those of training without the rows.
 * @see Guo et al. 2020, "Certified Data Removal from Machine Learning Models".
 */
export function logisticDeletion(
  features: NdArray,
  labels: ArrayLike<number>,
  penalty: number,
  weights: Float64Array,
  forget: readonly number[],
  hessian: 'retain' | 'all' = 'retain',
): Float64Array {
  const [n, p] = features.shape;
  const gone = new Set(forget);
  const curvature = new Float64Array(p * p);
  const gradient = new Float64Array(p);
  for (let a = 0; a < p; a += 1) curvature[a * p + a] = penalty;
  for (let i = 0; i < n; i += 1) {
    const x = features.data.subarray(i * p, (i + 1) * p);
    let logOdds = 0;
    for (let a = 0; a < p; a += 1) logOdds += x[a] * weights[a];
    const probability = sigmoid(logOdds);
    if (gone.has(i)) for (let a = 0; a < p; a += 1) gradient[a] += (probability - labels[i]) * x[a];
    if (gone.has(i) && hessian === 'retain') continue;
    const weight = probability * (1 - probability);
    for (let a = 0; a < p; a += 1) for (let b = 0; b <= a; b += 1) curvature[a * p + b] += weight * x[a] * x[b];
  }
  const change = choleskySolve(choleskyFactor(curvature, p), gradient);
  return weights.map((weight, a) => weight + change[a]);
}
