import { mix, names, type RowFeatures } from './row-features.js';

const mostClasses = 256;

/** One column per class; beyond 256 classes they share columns by a fixed hash. */
export function labelFeatures(labels: ArrayLike<number>, classCount: number): RowFeatures {
  const width = Math.min(classCount, mostClasses);
  return {
    names: names('label', width),
    fill(row, target, at) {
      const label = labels[row]!;
      target[at + (classCount > mostClasses ? mix(label) % width : label)] = 1;
    },
  };
}
