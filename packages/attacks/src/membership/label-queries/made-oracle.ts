import type { LabelOracle } from './label-oracle.js';

/** An oracle for tests that applies a function to every row, and counts what it was asked. */
export function madeOracle(
  rowShape: readonly number[],
  classOf: (row: Float32Array) => number,
  rowsPerBatch = 512,
): LabelOracle & { readonly asked: { rows: number; largestBatch: number } } {
  const asked = { rows: 0, largestBatch: 0 };
  const width = rowShape.reduce((product, size) => product * size, 1);
  return {
    rowShape,
    rowsPerBatch,
    asked,
    classify: async ({ data, shape }) => {
      asked.rows += shape[0];
      asked.largestBatch = Math.max(asked.largestBatch, shape[0]);
      return Int32Array.from({ length: shape[0] }, (_, i) => classOf(data.subarray(i * width, (i + 1) * width)));
    },
  };
}
