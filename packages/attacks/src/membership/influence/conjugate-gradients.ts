import type { KernelMatrix, MatrixKernels } from '@engram/domain';

export interface GradientSteps {
  /** Rows times the matrix of the system: each row has one of its own, symmetric and positive definite. */
  readonly apply: (rows: KernelMatrix) => KernelMatrix;
  /** Rows times about its inverse. */
  readonly precondition: (rows: KernelMatrix) => KernelMatrix;
  readonly iterations: number;
  /** Of the length of a residual against that of its right side. */
  readonly tolerance: number;
  /** Awaited after every step: may throw to stop. */
  readonly pause: () => Promise<void>;
}

/**
 * Solves many linear systems side by side by preconditioned conjugate gradients. A system that is solved waits for the
 * others.
 *
 * @param right (systems, n), one right side a row.
 * @returns (systems, n)
 * @see Hestenes and Stiefel 1952, "Methods of Conjugate Gradients for Solving Linear Systems".
 */
export async function conjugateGradients(
  kernels: MatrixKernels,
  right: KernelMatrix,
  { apply, precondition, iterations, tolerance, pause }: GradientSteps,
): Promise<KernelMatrix> {
  const products = (a: KernelMatrix, b: KernelMatrix) => kernels.read(kernels.rowProducts(a, b));
  const scaled = (rows: KernelMatrix, factors: Float64Array) =>
    kernels.times(rows, kernels.matrix(factors, rows.rows, 1));
  let limits: Float64Array = new Float64Array();
  let agreement: Float64Array = new Float64Array();
  // Solution, residual and search direction.
  let state: readonly KernelMatrix[] = kernels.scope(() => {
    limits = products(right, right).map((square) => tolerance ** 2 * square);
    const search = precondition(right);
    agreement = products(right, search);
    return [kernels.minus(right, right), kernels.plus(right, kernels.minus(right, right)), search];
  });
  try {
    for (let step = 0; step < iterations; step += 1) {
      const [solution, residual, search] = state as [KernelMatrix, KernelMatrix, KernelMatrix];
      let unsolved = 0;
      const next = kernels.scope(() => {
        const squares = products(residual, residual);
        const open = squares.map((square, i) => Number(square > limits[i]!));
        unsolved = open.reduce((sum, one) => sum + one, 0);
        if (unsolved === 0) return [];
        const image = apply(search);
        const along = products(search, image);
        const lengths = open.map((one, i) => (one === 0 ? 0 : agreement[i]! / along[i]!));
        const left = kernels.minus(residual, scaled(image, lengths));
        const preconditioned = precondition(left);
        const found = products(left, preconditioned);
        const turns = open.map((one, i) => (one === 0 ? 0 : found[i]! / agreement[i]!));
        agreement = found;
        return [
          kernels.plus(solution, scaled(search, lengths)),
          left,
          kernels.plus(preconditioned, scaled(search, turns)),
        ];
      });
      if (unsolved === 0) break;
      kernels.free(state);
      state = next;
      await pause();
    }
  } catch (error) {
    kernels.free(state);
    throw error;
  }
  const [solution, ...others] = state as [KernelMatrix, KernelMatrix, KernelMatrix];
  kernels.free(others);
  return solution;
}
