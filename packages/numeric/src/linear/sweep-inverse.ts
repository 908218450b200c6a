import type { KernelMatrix, MatrixKernels } from '@engram/domain';

/**
 * Inverts a symmetric positive definite matrix held in tiles, block by block: a sweep of the k-th block turns A_kk into
 * -A_kk^-1, A_ik into A_ik A_kk^-1 and A_ij into A_ij - A_ik A_kk^-1 A_kj, and once every block was swept the inverse is
 * left, negated. Only tiles on and below the diagonal are held and computed: order^3 operations.
 *
 * @param tiles (blocks) rows of tiles, of which row i has i + 1; they are freed, and their places taken by the inverse.
 * @param pause awaited after every block, with the share of the work done: may throw to stop.
 * @see Goodnight 1979, "A Tutorial on the SWEEP Operator", here by blocks.
 */
export async function sweepInverse<M extends KernelMatrix>(
  kernels: MatrixKernels<M>,
  tiles: M[][],
  pause: (share: number) => Promise<void> = async () => {},
): Promise<void> {
  const negated = (tile: M) => kernels.scope(() => kernels.times(tile, kernels.matrix(Float64Array.of(-1), 1, 1)));
  const replace = (i: number, j: number, made: (tile: M) => M) => {
    const tile = tiles[i]![j]!;
    tiles[i]![j] = kernels.scope(() => made(tile));
    kernels.free([tile]);
  };
  for (let k = 0; k < tiles.length; k += 1) {
    const pivot = kernels.inverse(tiles[k]![k]!);
    // Column k of the whole matrix: A_ik, and A_ik A_kk^-1.
    const across = tiles.map((row, i) => (i < k ? kernels.transposed(tiles[k]![i]!) : row[k]!));
    const swept = across.map((tile) => kernels.product(tile, pivot));
    for (let i = 0; i < tiles.length; i += 1)
      for (let j = 0; j <= i; j += 1) {
        if (i === k || j === k) continue;
        replace(i, j, (tile) => kernels.minus(tile, kernels.product(swept[i]!, across[j]!, 'second')));
      }
    kernels.free([...across, ...tiles[k]!.slice(0, k)]);
    for (let i = k + 1; i < tiles.length; i += 1) tiles[i]![k] = swept[i]!;
    for (let j = 0; j < k; j += 1) tiles[k]![j] = kernels.transposed(swept[j]!);
    tiles[k]![k] = negated(pivot);
    kernels.free([pivot, ...swept.slice(0, k + 1)]);
    await pause((k + 1) / tiles.length);
  }
  for (let i = 0; i < tiles.length; i += 1) for (let j = 0; j <= i; j += 1) replace(i, j, negated);
}
