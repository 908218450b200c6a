import { EngramError, type NdArray } from '@engram/domain';
import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow/backend.js';
import type { ArrayInput, TensorSpec } from './spec.js';

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * The values as the typed array the specification asks for, copied only where the type differs.
 * @throws ENG_SHAPE_MISMATCH another number of elements, or an array of another shape.
 */
export function asValues(value: ArrayInput, spec: TensorSpec, what: string): Float32Array | Int32Array {
  const array = typeof value === 'number' ? [value] : 'data' in value ? value.data : value;
  if (typeof value === 'object' && 'data' in value && value.shape.join() !== spec.shape.join()) {
    throw mismatch(what, spec, `[${value.shape.join(', ')}]`);
  }
  if (array.length !== sizeOf(spec.shape)) throw mismatch(what, spec, `${array.length} elements`);
  if (spec.dtype === 'float32') return array instanceof Float32Array ? array : Float32Array.from(array);
  return array instanceof Int32Array ? array : Int32Array.from(array);
}

function mismatch(what: string, spec: TensorSpec, got: string): EngramError {
  return new EngramError('ENG_SHAPE_MISMATCH', `${what} has shape [${spec.shape.join(', ')}], got ${got}`);
}

/** A tensor over the values. The memory may be shared with the array until the tensor is disposed. */
export function tensorOf(tf: TensorFlow, values: Float32Array | Int32Array, spec: TensorSpec): Tensor {
  return tf.tensor(values, [...spec.shape], spec.dtype);
}

/** A copy of the tensor's values. */
export function arrayOf(tensor: Tensor): NdArray {
  return { data: tensor.dataSync() as Float32Array | Int32Array | Uint8Array, shape: [...tensor.shape] };
}

/** The specification of an array held by the caller: wider types are narrowed to what tensors have. */
export function specOf(array: NdArray): TensorSpec {
  const isFloat = array.data instanceof Float32Array || array.data instanceof Float64Array;
  return { shape: array.shape, dtype: isFloat ? 'float32' : 'int32' };
}
