import type { TensorInfo } from '@tensorflow/tfjs';
import type { TensorValue } from '../graph/messages.js';
import { notRecordable } from './not-recordable.js';

/** Above this many elements, a constant that appears inside a recording is taken for a mistake. */
const largestBornConstant = 1024;
/** Above this many elements, a tensor captured from outside belongs into the session's data. */
const largestCapturedConstant = 16_384;

/** Where a tensor that no operation computed comes from: declared by the program, made in it, or from outside it. */
export type ConstantOrigin = 'declared' | 'born' | 'captured';

export interface ConstantContent extends Pick<TensorValue, 'tensorContent' | 'floatVal' | 'intVal' | 'boolVal'> {
  /** Equal for equal content. */
  readonly key: string;
}

/**
 * The values of a constant: one element where all are equal, which TensorFlow reads as a fill, else all bytes.
 * @throws ENG_PROGRAM_NOT_RECORDABLE too large for its origin, or of a type that cannot be written.
 */
export function constantContent(
  tensor: TensorInfo,
  read: () => ArrayLike<number>,
  origin: ConstantOrigin,
): ConstantContent {
  if (tensor.dtype === 'string' || tensor.dtype === 'complex64') {
    throw notRecordable(
      `the program holds a constant of type ${tensor.dtype}; float32, int32 and bool can be recorded`,
      'Keep such values outside the program.',
    );
  }
  const values = asTyped(read(), tensor.dtype);
  const first = values[0];
  if (values.length > 1 && first !== undefined && values.every((value) => Object.is(value, first))) {
    const key = `all ${Object.is(first, -0) ? '-0' : first}`;
    if (tensor.dtype === 'float32') return { key, floatVal: [first] };
    return tensor.dtype === 'int32' ? { key, intVal: [first] } : { key, boolVal: [first !== 0] };
  }
  checkSize(tensor, values.length, origin);
  const tensorContent = bytesOf(values);
  return { key: Buffer.from(tensorContent).toString('base64'), tensorContent };
}

function checkSize(tensor: TensorInfo, size: number, origin: ConstantOrigin): void {
  const shape = `[${tensor.shape.join(', ')}]`;
  if (origin === 'born' && size > largestBornConstant) {
    throw notRecordable(
      `the program makes a tensor of shape ${shape} from JavaScript values, which would be frozen into the recording`,
      'Pass it as an input, keep it in the session as data, or declare it with `constant` if it never changes.',
    );
  }
  if (origin === 'captured' && size > largestCapturedConstant) {
    throw notRecordable(
      `the program captures a tensor of shape ${shape} from outside, more than ${largestCapturedConstant} elements`,
      'Put it into the `data` or `state` of the session.',
    );
  }
}

function asTyped(values: ArrayLike<number>, dtype: string): Float32Array | Int32Array | Uint8Array {
  if (dtype === 'float32') return values instanceof Float32Array ? values : Float32Array.from(values);
  if (dtype === 'int32') return values instanceof Int32Array ? values : Int32Array.from(values);
  return values instanceof Uint8Array ? values : Uint8Array.from(values);
}

export function bytesOf(values: Float32Array | Int32Array | Uint8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
}
