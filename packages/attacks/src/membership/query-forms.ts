import type { NdArray } from '@engram/domain';

/**
 * What reference models say of one form of the samples.
 *
 * @param answers (models, forms, n) nats: scaled confidences or losses.
 * @returns (models, n) nats.
 */
export function answersOnForm(
  { data, shape: [models, forms, n] }: NdArray<Float32Array | Float64Array>,
  form: number,
): Float64Array {
  const values = new Float64Array(models * n);
  for (let model = 0; model < models; model += 1) {
    const start = (model * forms + form) * n;
    values.set(data.subarray(start, start + n), model * n);
  }
  return values;
}
