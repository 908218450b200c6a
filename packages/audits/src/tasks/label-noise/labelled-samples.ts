import type { NdArray } from '@engram/domain';
import type { Network } from '@engram/models';

/** The members, which models are taught, and everyone, whom they are asked about. */
export interface LabelledSamples {
  readonly network: Network;
  /** (n, …input shape), (n): members. */
  readonly inputs: NdArray;
  readonly labels: Int32Array;
  /** (n) rows of the members among all rows of the audit. */
  readonly members: Int32Array;
  /** Members, in their order, then non-members. */
  readonly everyone: { readonly inputs: NdArray; readonly labels: Int32Array };
}
