import type { NdArray } from '@engram/domain';
import { mix, names, type RowFeatures } from './row-features.js';

/**
 * All columns, up to `columnCap`. Wider rows are folded: each column is added, with a sign, to one of `columnCap` sums by
 * a fixed hash of its place, so that every column still counts and nothing is fitted. Mean and deviation of the row are
 * added where there is more than one column.
 */
export function tabularFeatures(inputs: NdArray, columnCap: number): RowFeatures {
  const { data, shape } = inputs;
  const columns = shape.slice(1).reduce((product, axis) => product * axis, 1);
  const kept = Math.min(columns, columnCap);
  const isFolded = columns > columnCap;
  const bucket = Uint32Array.from({ length: columns }, (_, j) => (isFolded ? mix(j) % kept : j));
  const sign = Float64Array.from({ length: columns }, (_, j) => (isFolded && mix(j + 0x9e3779b9) & 1 ? -1 : 1));
  const summary = columns > 1 ? ['rowMean', 'rowDeviation'] : [];
  return {
    names: [...names(isFolded ? 'folded' : 'column', kept), ...summary],
    fill(row, target, at) {
      let sum = 0;
      let squares = 0;
      for (let j = 0; j < columns; j++) {
        const value = data[row * columns + j]!;
        target[at + bucket[j]!]! += sign[j]! * value;
        sum += value;
        squares += value * value;
      }
      if (columns === 1) return;
      const mean = sum / columns;
      target[at + kept] = mean;
      target[at + kept + 1] = Math.sqrt(Math.max(0, squares / columns - mean * mean));
    },
  };
}
