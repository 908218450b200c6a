/** The element types arrays are stored in. Wider integers are read into `float64` when they do not fit `int32`. */
export type Dtype = 'float32' | 'float64' | 'int32' | 'uint8';

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** A dense row-major array: `data.length` is the product of `shape`. */
export interface NdArray<T extends TypedArray = TypedArray> {
  readonly data: T;
  readonly shape: readonly number[];
}

/** What may stand in JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Named arrays with a JSON description: what a task reads and writes. Stored as one safetensors file. */
export interface Bundle {
  readonly arrays: Readonly<Record<string, NdArray>>;
  readonly meta: { readonly [key: string]: Json };
}
