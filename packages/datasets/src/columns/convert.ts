import type { Dtype, TypedArray } from '@engram/domain';
import type { Values } from '../roles.js';
import { type ElementType, elementTypes } from './elements.js';
import { ValueTally } from './value-tally.js';

/**
 * How a field's values are kept. Inputs keep bytes and integers as they are and take every other number as float32,
 * which is what models run on; a 64-bit integer input is int32 unless `widen`, when some value did not fit. Signals keep
 * float64 when they were given in more than 32 bits.
 */
export function storedDtype(values: Values, element: ElementType | 'decimal', scaled: boolean, widen: boolean): Dtype {
  switch (values) {
    case 'classIndex':
    case 'count':
      return 'int32';
    case 'flag':
      return 'uint8';
    case 'input':
      if (scaled || element === 'decimal' || !elementTypes[element].integer) return 'float32';
      if (element === 'uint8' || element === 'bool') return 'uint8';
      return widen ? 'float64' : 'int32';
    default:
      return element === 'float16' || element === 'float32' ? 'float32' : 'float64';
  }
}

/** What is wrong with single values, by kind. */
export interface ValueFaults {
  readonly notFinite: ValueTally;
  readonly notInteger: ValueTally;
  readonly negative: ValueTally;
  /** Beyond int32. */
  readonly tooLarge: ValueTally;
  readonly notFlag: ValueTally;
  readonly notProbability: ValueTally;
}

export function newValueFaults(): ValueFaults {
  return {
    notFinite: new ValueTally(),
    notInteger: new ValueTally(),
    negative: new ValueTally(),
    tooLarge: new ValueTally(),
    notFlag: new ValueTally(),
    notProbability: new ValueTally(),
  };
}

/** Rounding in float32 may leave a loss a hair below 0 or a probability a hair outside [0, 1]. */
const roundingSlack = 1e-6;
const largestInt32 = 2 ** 31 - 1;

/**
 * Checks and converts values, in place where the type stays.
 *
 * @param first place of the first value in the field, for the tallies.
 * @returns values of `dtype`; what was tallied as wrong has any value there.
 */
export function convertValues(
  given: TypedArray,
  dtype: Dtype,
  values: Values,
  scaling: { readonly scale: number; readonly offset: number } | undefined,
  faults: ValueFaults,
  first: number,
): TypedArray {
  if (scaling !== undefined) return scaleValues(given, scaling, faults, first);
  if (values === 'classIndex' || values === 'count') return toIndexes(given, faults, first);
  if (values === 'flag') return toFlags(given, faults, first);
  const stored = toDtype(given, dtype, faults, first);
  if (stored instanceof Float32Array || stored instanceof Float64Array) {
    for (let i = 0; i < stored.length; i++) if (!Number.isFinite(stored[i]!)) faults.notFinite.add(first + i);
  }
  if (values === 'loss' || values === 'trace') {
    for (let i = 0; i < stored.length; i++) if (stored[i]! < -roundingSlack) faults.negative.add(first + i);
  } else if (values === 'probabilities') {
    for (let i = 0; i < stored.length; i++)
      if (stored[i]! < -roundingSlack || stored[i]! > 1 + roundingSlack) faults.notProbability.add(first + i);
  }
  return stored;
}

function toDtype(given: TypedArray, dtype: Dtype, faults: ValueFaults, first: number): TypedArray {
  if (dtype === 'float32') return given instanceof Float32Array ? given : Float32Array.from(given);
  if (dtype === 'float64') return given instanceof Float64Array ? given : Float64Array.from(given);
  if (dtype === 'uint8') return given instanceof Uint8Array ? given : Uint8Array.from(given);
  if (given instanceof Int32Array) return given;
  const stored = new Int32Array(given.length);
  for (let i = 0; i < given.length; i++) {
    const value = given[i]!;
    stored[i] = value;
    if (stored[i] !== value) faults.tooLarge.add(first + i);
  }
  return stored;
}

function scaleValues(
  given: TypedArray,
  { scale, offset }: { readonly scale: number; readonly offset: number },
  faults: ValueFaults,
  first: number,
): Float32Array {
  const stored = new Float32Array(given.length);
  for (let i = 0; i < given.length; i++) {
    stored[i] = given[i]! * scale + offset;
    if (!Number.isFinite(stored[i]!)) faults.notFinite.add(first + i);
  }
  return stored;
}

function toIndexes(given: TypedArray, faults: ValueFaults, first: number): Int32Array {
  const stored = new Int32Array(given.length);
  for (let i = 0; i < given.length; i++) {
    const value = given[i]!;
    if (!Number.isFinite(value)) faults.notFinite.add(first + i);
    else if (!Number.isInteger(value)) faults.notInteger.add(first + i);
    else if (value < 0) faults.negative.add(first + i);
    else if (value > largestInt32) faults.tooLarge.add(first + i);
    else stored[i] = value;
  }
  return stored;
}

function toFlags(given: TypedArray, faults: ValueFaults, first: number): Uint8Array {
  const stored = new Uint8Array(given.length);
  for (let i = 0; i < given.length; i++) {
    const value = given[i]!;
    if (!Number.isFinite(value)) faults.notFinite.add(first + i);
    else if (value !== 0 && value !== 1) faults.notFlag.add(first + i);
    else stored[i] = value;
  }
  return stored;
}
