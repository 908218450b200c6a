import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { MatrixKernels } from '@engram/domain';
import { testEngine, wave } from '../testing/test-engine.js';
import type { NativeBackend } from './backend.js';
import type { NativeMatrix } from './matrix-kernels.js';

describe('matrix kernels of the native library', () => {
  let kernels: MatrixKernels<NativeMatrix>;
  let alive: () => number;
  before(async () => {
    const engine = await testEngine();
    kernels = engine.matrices;
    const { binding } = engine.tf.backend() as unknown as NativeBackend;
    alive = () => binding.getNumOfTensors();
  });

  const rows = (...values: readonly (readonly number[])[]) =>
    kernels.matrix(Float64Array.from(values.flat()), values.length, values[0]!.length);
  const list = (matrix: NativeMatrix) => {
    const all = [...kernels.read(matrix)];
    return Array.from({ length: matrix.rows }, (_, i) => all.slice(i * matrix.columns, (i + 1) * matrix.columns));
  };

  it('hold doubles to the last bit', () => {
    const values = Float64Array.of(Math.PI, 1 / 3, -0, 5e-324, 1.7976931348623157e308, -1e-200);
    assert.deepEqual(kernels.read(kernels.matrix(values, 2, 3)), values);
    assert.deepEqual(list(kernels.plus(rows([1]), rows([2 ** -52]))), [[1 + 2 ** -52]]);
  });

  it('take part of a larger array as their values', () => {
    const values = Float64Array.of(1, 2, 3, 4).subarray(1, 3);
    assert.deepEqual(list(kernels.matrix(values, 1, 2)), [[2, 3]]);
  });

  it('multiply, either matrix turned', () => {
    const [a, b] = [rows([1, 2, 3], [4, 5, 6]), rows([1, 0], [0, 2], [3, 0])];
    assert.deepEqual(list(kernels.product(a, b)), [
      [10, 4],
      [22, 10],
    ]);
    assert.deepEqual(list(kernels.product(a, rows([1, 1], [0, 2]), 'first')), [
      [1, 9],
      [2, 12],
      [3, 15],
    ]);
    assert.deepEqual(list(kernels.product(a, rows([1, 0, 1]), 'second')), [[4], [10]]);
    assert.deepEqual(list(kernels.transposed(b)), [
      [1, 0, 3],
      [0, 2, 0],
    ]);
  });

  it('calculate entry by entry, one row or column standing for many', () => {
    const a = rows([1, 2], [3, 4]);
    assert.deepEqual(list(kernels.times(a, rows([10, 100]))), [
      [10, 200],
      [30, 400],
    ]);
    assert.deepEqual(list(kernels.plus(a, rows([10], [100]))), [
      [11, 12],
      [103, 104],
    ]);
    assert.deepEqual(list(kernels.minus(a, a)), [
      [0, 0],
      [0, 0],
    ]);
  });

  it('cut and join', () => {
    const a = rows([1, 2, 3], [4, 5, 6]);
    assert.deepEqual(list(kernels.rows(a, 1, 2)), [[4, 5, 6]]);
    assert.deepEqual(list(kernels.columns(a, 1, 3)), [
      [2, 3],
      [5, 6],
    ]);
    assert.deepEqual(list(kernels.above([a, rows([7, 8, 9])])), [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    const alone = kernels.above([a]);
    kernels.free([a]);
    assert.deepEqual(list(alone), [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.deepEqual(list(kernels.beside([rows([1], [2]), alone])), [
      [1, 1, 2, 3],
      [2, 4, 5, 6],
    ]);
  });

  it('multiply each row with its groups', () => {
    const found = kernels.rowProducts(rows([1, 2, 3, 4], [5, 6, 7, 8]), rows([1, 10], [1, -1]));
    assert.deepEqual(list(found), [
      [21, 43],
      [-1, -1],
    ]);
  });

  it('invert to the precision of doubles', () => {
    const n = 40;
    const a = kernels.matrix(Float64Array.from(wave(n * n)), n, n);
    const gram = kernels.plus(
      kernels.product(a, a, 'second'),
      kernels.matrix(
        Float64Array.from({ length: n * n }, (_, at) => Number(at % (n + 1) === 0)),
        n,
        n,
      ),
    );
    kernels.read(kernels.product(gram, kernels.inverse(gram))).forEach((value, at) => {
      assert.ok(Math.abs(value - Number(at % (n + 1) === 0)) < 1e-12);
    });
  });

  it('leave nothing behind but what is handed back', () => {
    const before = alive();
    const a = rows([4, 1], [1, 3]);
    const kept = kernels.scope(() => {
      const inner = kernels.scope(() => [kernels.plus(a, a), kernels.times(a, a)]);
      return kernels.rowProducts(kernels.beside([kernels.transposed(inner[0]!), kernels.inverse(a)]), inner[1]!);
    });
    assert.throws(() =>
      kernels.scope(() => {
        kernels.plus(a, a);
        throw new Error('stopped');
      }),
    );
    kernels.read(kept);
    assert.equal(alive(), before + 2);
    kernels.free([a, kept]);
    assert.equal(alive(), before);
  });

  it('refuse values that are not as many as the matrix has', () => {
    assert.throws(() => kernels.matrix(new Float64Array(5), 2, 3), { code: 'ENG_SHAPE_MISMATCH' });
  });
});
