import type { NdArray } from '@engram/domain';

/** Lays out what is known of samples without asking a model: their covariates, then the label, one column per class. */
export type SampleRows = (samples: Int32Array) => NdArray<Float64Array>;

/**
 * @param covariates (n, d).
 * @param labels (n) in [0, classes); 0 classes: there are none to lay out.
 * @returns rows (samples, d + classes) of the samples asked for.
 */
export function sampleRows(covariates: NdArray<Float64Array>, labels: Int32Array, classes: number): SampleRows {
  const d = covariates.shape[1];
  const width = d + classes;
  return (samples) => {
    const data = new Float64Array(samples.length * width);
    samples.forEach((i, k) => {
      data.set(covariates.data.subarray(i * d, (i + 1) * d), k * width);
      if (classes > 0) data[k * width + d + labels[i]] = 1;
    });
    return { data, shape: [samples.length, width] };
  };
}
