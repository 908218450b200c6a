import { EngramError, type KernelMatrix, type MatrixKernels } from '@engram/domain';
import { deviceFailure } from '../session/device-failure.js';
import { attributeMaker, type NativeBackend, type OpAttribute } from './backend.js';

/** A matrix of doubles in TensorFlow. TensorFlow.js knows no such type, so none of its own tensors stands for it. */
export interface NativeMatrix extends KernelMatrix {
  readonly id: number;
}

const double = 2;
const int32 = 3;

/**
 * Matrix kernels of the native library, in float64. Values go in and out as pairs of 32-bit integers, bit for bit, because
 * the addon passes no doubles.
 */
export function nativeMatrixKernels(backend: NativeBackend): MatrixKernels<NativeMatrix> {
  const { binding } = backend;
  const { type, bool } = attributeMaker(backend);
  /** Matrices made since each scope that is open began. */
  const scopes: Set<number>[] = [];

  function execute(name: string, attributes: readonly OpAttribute[], inputs: readonly number[]): number {
    try {
      return binding.executeOp(name, [...attributes], [...inputs], 1)[0]!.id;
    } catch (error) {
      throw deviceFailure(error, `the kernel ${name}`);
    }
  }
  function kept(id: number, rows: number, columns: number): NativeMatrix {
    scopes.at(-1)?.add(id);
    return { id, rows, columns };
  }
  function release(ids: Iterable<number>): void {
    for (const id of ids) binding.deleteTensor(id);
  }
  /** Runs a kernel some of whose inputs are arguments rather than matrices. */
  function withArguments<T>(values: readonly (readonly number[])[], run: (ids: readonly number[]) => T): T {
    const ids = values.map((each) => binding.createTensor([each.length], int32, Int32Array.from(each)));
    try {
      return run(ids);
    } finally {
      release(ids);
    }
  }
  function reshaped(id: number, shape: readonly number[]): number {
    return withArguments([shape], ([to]) => execute('Reshape', [type('T', double), type('Tshape', int32)], [id, to!]));
  }
  function entrywise(name: string) {
    return (a: NativeMatrix, b: NativeMatrix) =>
      kept(execute(name, [type('T', double)], [a.id, b.id]), Math.max(a.rows, b.rows), Math.max(a.columns, b.columns));
  }
  function sliced(a: NativeMatrix, begin: readonly [number, number], rows: number, columns: number): NativeMatrix {
    const id = withArguments([begin, [rows, columns]], (where) =>
      execute('Slice', [type('T', double), type('Index', int32)], [a.id, ...where]),
    );
    return kept(id, rows, columns);
  }
  function joined(parts: readonly NativeMatrix[], axis: 0 | 1): number {
    // The kernel takes no fewer than two.
    if (parts.length === 1) return execute('Identity', [type('T', double)], [parts[0]!.id]);
    const count: OpAttribute = { name: 'N', type: binding.TF_ATTR_INT, value: parts.length };
    const at = binding.createTensor([], int32, Int32Array.of(axis));
    try {
      const ids = [...parts.map(({ id }) => id), at];
      return execute('ConcatV2', [count, type('T', double), type('Tidx', int32)], ids);
    } finally {
      release([at]);
    }
  }

  return {
    matrix(data, rows, columns) {
      if (data.length !== rows * columns)
        throw new EngramError(
          'ENG_SHAPE_MISMATCH',
          `expected ${rows * columns} values for ${rows} rows of ${columns}, got ${data.length}`,
        );
      const words = new Int32Array(data.buffer, data.byteOffset, 2 * data.length);
      // The addon may go on reading the memory it is given: it gets its own.
      const pairs = binding.createTensor([rows, columns, 2], int32, words.slice());
      try {
        return kept(execute('Bitcast', [type('T', int32), type('type', double)], [pairs]), rows, columns);
      } finally {
        release([pairs]);
      }
    },
    product(a, b, side) {
      const attributes = [
        type('T', double),
        bool('transpose_a', side === 'first'),
        bool('transpose_b', side === 'second'),
      ];
      const rows = side === 'first' ? a.columns : a.rows;
      return kept(execute('MatMul', attributes, [a.id, b.id]), rows, side === 'second' ? b.rows : b.columns);
    },
    times: entrywise('Mul'),
    plus: entrywise('AddV2'),
    minus: entrywise('Sub'),
    transposed: (a) =>
      withArguments([[1, 0]], ([order]) =>
        kept(execute('Transpose', [type('T', double), type('Tperm', int32)], [a.id, order!]), a.columns, a.rows),
      ),
    inverse: (a) =>
      kept(execute('MatrixInverse', [type('T', double), bool('adjoint', false)], [a.id]), a.rows, a.columns),
    rows: (a, from, to) => sliced(a, [from, 0], to - from, a.columns),
    columns: (a, from, to) => sliced(a, [0, from], a.rows, to - from),
    above: (parts) =>
      kept(
        joined(parts, 0),
        parts.reduce((sum, { rows }) => sum + rows, 0),
        parts[0]!.columns,
      ),
    beside: (parts) =>
      kept(
        joined(parts, 1),
        parts[0]!.rows,
        parts.reduce((sum, { columns }) => sum + columns, 0),
      ),
    rowProducts(a, b) {
      const groups = a.columns / b.columns;
      const ids = [reshaped(a.id, [a.rows, groups, b.columns]), reshaped(b.id, [b.rows, 1, b.columns])];
      ids.push(execute('Mul', [type('T', double)], ids));
      try {
        const sum = (axes: number) =>
          execute('Sum', [type('T', double), type('Tidx', int32), bool('keep_dims', false)], [ids[2]!, axes]);
        return kept(
          withArguments([[2]], ([axes]) => sum(axes!)),
          a.rows,
          groups,
        );
      } finally {
        release(ids);
      }
    },
    read({ id, rows, columns }) {
      const pairs = execute('Bitcast', [type('T', double), type('type', int32)], [id]);
      try {
        const words = binding.tensorDataSync(pairs) as Int32Array;
        return new Float64Array(words.slice().buffer, 0, rows * columns);
      } finally {
        release([pairs]);
      }
    },
    scope(work) {
      const made = new Set<number>();
      scopes.push(made);
      const result = ((): ReturnType<typeof work> => {
        try {
          return work();
        } catch (error) {
          release(made);
          throw error;
        } finally {
          scopes.pop();
        }
      })();
      for (const matrix of [result].flat() as NativeMatrix[]) {
        if (made.delete(matrix.id)) scopes.at(-1)?.add(matrix.id);
      }
      release(made);
      return result;
    },
    free(matrices) {
      for (const { id } of matrices) {
        for (const made of scopes) made.delete(id);
        binding.deleteTensor(id);
      }
    },
  };
}
