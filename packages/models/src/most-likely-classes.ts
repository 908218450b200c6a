import type { NdArray } from '@engram/domain';

/**
 * What is left of a classifier's answers when labels are all it may tell: the most likely class of each row, of equally
 * likely ones the first.
 *
 * @param outputs (n, classes) logits or probabilities; higher = more likely.
 * @returns (n, 1) class indices.
 */
export function mostLikelyClasses({ data, shape }: NdArray<Float32Array>): NdArray<Float32Array> {
  const [n, classes] = shape as [number, number];
  const labels = new Float32Array(n);
  for (let row = 0; row < n; row++) {
    const from = row * classes;
    for (let each = 1; each < classes; each++) if (data[from + each]! > data[from + labels[row]!]!) labels[row] = each;
  }
  return { data: labels, shape: [n, 1] };
}
