import { EngramError } from '@engram/domain';

/**
 * Lower Cholesky factor L of a symmetric positive definite matrix, A = L L'.
 *
 * @param matrix (n, n) row-major; only the lower triangle is read, and it is not changed.
 * @param n order of the matrix.
 * @returns (n, n) row-major, zero above the diagonal.
 * @throws ENG_SHAPE_MISMATCH not n by n. ENG_VALUES_NOT_FINITE the matrix is not positive definite, or not finite.
 */
export function choleskyFactor(matrix: ArrayLike<number>, n: number): Float64Array {
  if (matrix.length !== n * n) {
    throw new EngramError(
      'ENG_SHAPE_MISMATCH',
      `expected ${n * n} values for a matrix of order ${n}, got ${matrix.length}`,
    );
  }
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k += 1) sum -= factor[i * n + k]! * factor[j * n + k]!;
      if (i !== j) {
        factor[i * n + j] = sum / factor[j * n + j]!;
      } else if (sum > 0) {
        factor[i * n + i] = Math.sqrt(sum);
      } else {
        throw new EngramError('ENG_VALUES_NOT_FINITE', `expected a positive pivot ${i} of ${n}, got ${sum}`, {
          remedy: 'Add a ridge penalty, or remove columns that are combinations of others.',
        });
      }
    }
  }
  return factor;
}

/**
 * Solution x of L L' x = b.
 *
 * @param factor (n, n) from `choleskyFactor`.
 * @param right (n).
 * @returns (n) a new array.
 */
export function choleskySolve(factor: Float64Array, right: ArrayLike<number>): Float64Array {
  const n = right.length;
  const x = Float64Array.from(right);
  for (let i = 0; i < n; i += 1) {
    let sum = x[i]!;
    for (let k = 0; k < i; k += 1) sum -= factor[i * n + k]! * x[k]!;
    x[i] = sum / factor[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = x[i]!;
    for (let k = i + 1; k < n; k += 1) sum -= factor[k * n + i]! * x[k]!;
    x[i] = sum / factor[i * n + i]!;
  }
  return x;
}
