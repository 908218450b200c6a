import type { Json, NdArray } from '@engram/domain';

/** What a measure of the target found, over the rows of the audit in their order. */
export interface Measurement {
  /** (n) or (k, n), finite. */
  readonly values: NdArray<Float64Array>;
  /** Small facts about how it was found: queries asked, settings that followed from the data. */
  readonly meta: { readonly [name: string]: Json };
}
