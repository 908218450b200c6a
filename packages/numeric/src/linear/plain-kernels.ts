import { EngramError, type KernelMatrix, type MatrixKernels } from '@engram/domain';
import { choleskyFactor, choleskySolve } from './cholesky.js';

/** A matrix in this process's memory, row-major. */
export interface PlainMatrix extends KernelMatrix {
  readonly data: Float64Array;
}

/** Matrix kernels in plain loops: for small matrices, and what native kernels are held against. */
export const plainKernels: MatrixKernels<PlainMatrix> = {
  matrix(data, rows, columns) {
    if (data.length !== rows * columns)
      throw new EngramError(
        'ENG_SHAPE_MISMATCH',
        `expected ${rows * columns} values for ${rows} rows of ${columns}, got ${data.length}`,
      );
    return { rows, columns, data };
  },
  product(a, b, side) {
    if (side === 'first') return product(transposed(a), b);
    return side === 'second' ? productOfRows(a, b) : product(a, b);
  },
  times: (a, b) => entrywise(a, b, (x, y) => x * y),
  plus: (a, b) => entrywise(a, b, (x, y) => x + y),
  minus: (a, b) => entrywise(a, b, (x, y) => x - y),
  transposed,
  inverse(a) {
    const n = a.rows;
    const factor = choleskyFactor(a.data, n);
    const data = new Float64Array(n * n);
    for (let k = 0; k < n; k += 1) {
      const unit = new Float64Array(n);
      unit[k] = 1;
      data.set(choleskySolve(factor, unit), k * n);
    }
    return { ...a, data };
  },
  rows: ({ data, columns }, from, to) => ({
    rows: to - from,
    columns,
    data: data.subarray(from * columns, to * columns),
  }),
  columns: (a, from, to) => filled(a.rows, to - from, (i, j) => a.data[i * a.columns + from + j]!),
  above(parts) {
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const columns = parts[0]!.columns;
    const data = new Float64Array(rows * columns);
    let at = 0;
    for (const part of parts) {
      data.set(part.data, at);
      at += part.data.length;
    }
    return { rows, columns, data };
  },
  beside(parts) {
    const rows = parts[0]!.rows;
    const columns = parts.reduce((sum, part) => sum + part.columns, 0);
    const data = new Float64Array(rows * columns);
    let start = 0;
    for (const part of parts) {
      for (let i = 0; i < rows; i += 1) data.set(rowOf(part, i), i * columns + start);
      start += part.columns;
    }
    return { rows, columns, data };
  },
  rowProducts(a, b) {
    const width = b.columns;
    return filled(a.rows, a.columns / width, (i, group) =>
      dot(rowOf(a, i).subarray(group * width, (group + 1) * width), rowOf(b, i)),
    );
  },
  read: ({ data }) => data.slice(),
  scope: (work) => work(),
  free() {},
};

function rowOf({ data, columns }: PlainMatrix, i: number): Float64Array {
  return data.subarray(i * columns, (i + 1) * columns);
}

function filled(rows: number, columns: number, entry: (i: number, j: number) => number): PlainMatrix {
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i += 1) for (let j = 0; j < columns; j += 1) data[i * columns + j] = entry(i, j);
  return { rows, columns, data };
}

function transposed(a: PlainMatrix): PlainMatrix {
  return filled(a.columns, a.rows, (i, j) => a.data[j * a.columns + i]!);
}

/** a b, along rows of b. */
function product(a: PlainMatrix, b: PlainMatrix): PlainMatrix {
  const data = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i += 1) {
    const into = data.subarray(i * b.columns, (i + 1) * b.columns);
    for (let k = 0; k < a.columns; k += 1) {
      const factor = a.data[i * a.columns + k]!;
      const from = k * b.columns;
      for (let j = 0; j < into.length; j += 1) into[j]! += factor * b.data[from + j]!;
    }
  }
  return { rows: a.rows, columns: b.columns, data };
}

/** a b'. */
function productOfRows(a: PlainMatrix, b: PlainMatrix): PlainMatrix {
  return filled(a.rows, b.rows, (i, j) => dot(rowOf(a, i), rowOf(b, j)));
}

function entrywise(a: PlainMatrix, b: PlainMatrix, entry: (x: number, y: number) => number): PlainMatrix {
  const at = (m: PlainMatrix, i: number, j: number) =>
    m.data[(m.rows === 1 ? 0 : i) * m.columns + (m.columns === 1 ? 0 : j)]!;
  return filled(Math.max(a.rows, b.rows), Math.max(a.columns, b.columns), (i, j) => entry(at(a, i, j), at(b, i, j)));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}
