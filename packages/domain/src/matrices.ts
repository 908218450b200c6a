/** A matrix of doubles where its kernels keep it: read through them alone. */
export interface KernelMatrix {
  readonly rows: number;
  readonly columns: number;
}

/**
 * Algebra on matrices of doubles, wherever it is fastest: in this process or in a native library. Operations return new
 * matrices and change none; what is no longer needed is freed.
 */
export interface MatrixKernels<M extends KernelMatrix = KernelMatrix> {
  /** @param data (rows, columns) row-major. */
  matrix(data: Float64Array, rows: number, columns: number): M;
  /** a b; of `first` a' b, of `second` a b'. */
  product(a: M, b: M, transposed?: 'first' | 'second'): M;
  /** Entry by entry. One row, or one column, stands for as many as the other matrix has; likewise below. */
  times(a: M, b: M): M;
  plus(a: M, b: M): M;
  minus(a: M, b: M): M;
  transposed(a: M): M;
  /** Of a symmetric positive definite matrix small enough to invert at one go. */
  inverse(a: M): M;
  rows(a: M, from: number, to: number): M;
  columns(a: M, from: number, to: number): M;
  above(parts: readonly M[]): M;
  beside(parts: readonly M[]): M;
  /** (n, groups) inner products of each row of b (n, width) with the groups of the same row of a (n, groups * width). */
  rowProducts(a: M, b: M): M;
  /** (rows * columns) row-major. */
  read(a: M): Float64Array;
  /** Frees all matrices made inside but those handed back. */
  scope<T extends M | readonly M[]>(work: () => T): T;
  free(matrices: readonly M[]): void;
}
