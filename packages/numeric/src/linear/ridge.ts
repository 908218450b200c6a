import { EngramError, type NdArray } from '@engram/domain';
import { choleskyFactor, choleskySolve } from './cholesky.js';

/**
 * Ridge regression without intercept: the w that minimises |y - X w|^2 + penalty |w|^2.
 *
 * Solved in the smaller of the two equivalent forms, p by p or n by n.
 *
 * @param features (n, p).
 * @param targets (n).
 * @param penalty positive, or 0 when X has full column rank.
 * @returns (p) weights.
 * @throws ENG_SHAPE_MISMATCH. ENG_VALUES_NOT_FINITE values are not finite, or the problem is singular.
 */
export function ridge(features: NdArray, targets: ArrayLike<number>, penalty: number): Float64Array {
  const [n = 0, p = 0] = features.shape;
  if (features.shape.length !== 2 || features.data.length !== n * p || targets.length !== n) {
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected features (n, p) and n targets, got (${features.shape.join(', ')}) and ${targets.length}`,
    );
  }
  const x = features.data;
  return p <= n || penalty === 0 ? primal(x, targets, n, p, penalty) : dual(x, targets, n, p, penalty);
}

function primal(x: ArrayLike<number>, y: ArrayLike<number>, n: number, p: number, penalty: number): Float64Array {
  const gram = new Float64Array(p * p);
  const right = new Float64Array(p);
  for (let i = 0; i < n; i += 1) {
    for (let a = 0; a < p; a += 1) {
      const value = x[i * p + a]!;
      right[a]! += value * y[i]!;
      for (let b = 0; b <= a; b += 1) gram[a * p + b]! += value * x[i * p + b]!;
    }
  }
  for (let a = 0; a < p; a += 1) gram[a * p + a]! += penalty;
  return choleskySolve(choleskyFactor(gram, p), right);
}

/** w = X' (X X' + penalty I)^-1 y. */
function dual(x: ArrayLike<number>, y: ArrayLike<number>, n: number, p: number, penalty: number): Float64Array {
  const kernel = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = i === j ? penalty : 0;
      for (let a = 0; a < p; a += 1) sum += x[i * p + a]! * x[j * p + a]!;
      kernel[i * n + j] = sum;
    }
  }
  const coefficients = choleskySolve(choleskyFactor(kernel, n), y);
  const weights = new Float64Array(p);
  for (let i = 0; i < n; i += 1) {
    for (let a = 0; a < p; a += 1) weights[a]! += coefficients[i]! * x[i * p + a]!;
  }
  return weights;
}
