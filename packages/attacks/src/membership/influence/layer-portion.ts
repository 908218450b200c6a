import type { KernelMatrix, MatrixKernels } from '@engram/domain';
import { errorOf, inputOf, type LastLayer, layerSize, type SampleError } from './last-layer.js';

/** Some samples of a last layer, as matrices. */
export interface LayerPortion {
  readonly errors: readonly SampleError[];
  /** (samples, width) */
  readonly inputs: KernelMatrix;
  /** (units) each (samples, 1): the loss's second derivative by this unit. */
  readonly curvature: readonly KernelMatrix[];
  /** (units) each (samples, 1) */
  readonly probabilities: readonly KernelMatrix[];
}

/** Samples from `from` to `to`. Its matrices are freed with the scope, or by `freePortion`. */
export function layerPortion(kernels: MatrixKernels, layer: LastLayer, from: number, to: number): LayerPortion {
  const { width, units } = layerSize(layer);
  const count = to - from;
  const inputs = new Float64Array(count * width);
  const errors: SampleError[] = [];
  for (let i = from; i < to; i += 1) {
    inputs.set(inputOf(layer, i), (i - from) * width);
    errors.push(errorOf(layer, i));
  }
  const columns = (values: (error: SampleError) => Float64Array) =>
    Array.from({ length: units }, (_, a) =>
      kernels.matrix(
        Float64Array.from(errors, (error) => values(error)[a]!),
        count,
        1,
      ),
    );
  return {
    errors,
    inputs: kernels.matrix(inputs, count, width),
    curvature: columns(({ curvature }) => curvature),
    probabilities: columns(({ probabilities }) => probabilities),
  };
}

export function freePortion(kernels: MatrixKernels, portion: LayerPortion): void {
  kernels.free([portion.inputs, ...portion.curvature, ...portion.probabilities]);
}
