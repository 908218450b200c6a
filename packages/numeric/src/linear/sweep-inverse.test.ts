import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, plainKernels as kernels, type PlainMatrix, sweepInverse } from '../index.js';

/** A A' / n + 0.1 I of order n. */
function positive(n: number, seed: number): PlainMatrix {
  const random = createRandom(seed);
  const a = kernels.matrix(
    Float64Array.from({ length: n * n }, () => random.normal() / Math.sqrt(n)),
    n,
    n,
  );
  return kernels.plus(kernels.product(a, a, 'second'), identity(n, 0.1));
}

function identity(n: number, size: number): PlainMatrix {
  return kernels.matrix(
    Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? size : 0)),
    n,
    n,
  );
}

/** Tiles on and below the diagonal, cut at the given places. */
function cut(matrix: PlainMatrix, edges: readonly number[]): PlainMatrix[][] {
  const parts = edges.slice(1).map((to, i) => [edges[i]!, to] as const);
  return parts.map(([from, to], i) =>
    parts.slice(0, i + 1).map((columns) => kernels.columns(kernels.rows(matrix, from, to), ...columns)),
  );
}

test('leaves the tiles of the inverse, however the matrix is cut', async () => {
  for (const edges of [
    [0, 7],
    [0, 3, 7],
    [0, 1, 2, 3, 4, 5, 6, 7],
    [0, 2, 5, 6, 7],
  ]) {
    const matrix = positive(7, 3);
    const tiles = cut(matrix, edges);
    await sweepInverse(kernels, tiles);
    const whole = kernels.above(
      tiles.map((row, i) =>
        kernels.beside([...row, ...tiles.slice(i + 1).map((later) => kernels.transposed(later[i]!))]),
      ),
    );
    kernels.product(matrix, whole).data.forEach((value, at) => {
      assert.ok(Math.abs(value - Number(at % 8 === 0)) < 1e-12, `${edges}: ${at} is ${value}`);
    });
  }
});

test('tells how far it has come, and stops where it is told to', async () => {
  const shares: number[] = [];
  const tiles = () => cut(positive(4, 5), [0, 1, 2, 3, 4]);
  await sweepInverse(kernels, tiles(), async (share) => void shares.push(share));
  assert.deepEqual(shares, [0.25, 0.5, 0.75, 1]);
  await assert.rejects(
    sweepInverse(kernels, tiles(), async () => {
      throw new Error('stopped');
    }),
    /stopped/,
  );
});

test('refuses a matrix that is not positive definite', async () => {
  await assert.rejects(sweepInverse(kernels, cut(kernels.matrix(Float64Array.of(1, 2, 2, 1), 2, 2), [0, 1, 2])), {
    code: 'ENG_VALUES_NOT_FINITE',
  });
});
