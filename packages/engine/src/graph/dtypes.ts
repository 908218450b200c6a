import { EngramError } from '@engram/domain';

/** TensorFlow's numbers for element types (tensorflow/core/framework/types.proto). */
export const dtypeNumbers = {
  float32: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  resource: 20,
} as const;

/** TensorFlow's number of a tfjs dtype. */
export function dtypeNumber(dtype: string): number {
  const number = (dtypeNumbers as Readonly<Record<string, number>>)[dtype];
  if (number === undefined) throw new EngramError('ENG_INTERNAL', `no TensorFlow type stands for ${dtype}`);
  return number;
}
