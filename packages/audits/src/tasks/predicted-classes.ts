import type { NdArray } from '@engram/domain';
import type { ClassMeaning } from './output-signals.js';

/**
 * The class each row says: where every class has a number the most likely one, of equally likely ones the first.
 *
 * @param outputs (n, classes), or (n, 1) for class 1 of two; (n, 1) class indices where `meaning` is `labels`.
 * @returns (n)
 */
export function predictedClasses({ data, shape }: NdArray, meaning: ClassMeaning): Int32Array {
  if (meaning === 'labels') return Int32Array.from(data);
  const [n, classes = 1] = shape;
  const half = meaning === 'logits' ? 0 : 0.5;
  const predicted = new Int32Array(n);
  for (let i = 0; i < n; i += 1) {
    if (classes === 1) predicted[i] = Number(data[i] > half);
    else
      for (let j = 1; j < classes; j += 1)
        if (data[i * classes + j] > data[i * classes + predicted[i]]) predicted[i] = j;
  }
  return predicted;
}
