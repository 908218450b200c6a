import type { Dtype, Json, NdArray } from './arrays.js';
import type { Digest } from './artifacts.js';

/** What a field of a dataset means. */
export const fieldNames = [
  'input',
  'label',
  'target',
  'member',
  'id',
  'text',
  'secret',
  'repetitions',
  'logits',
  'probabilities',
  'predictedLabel',
  'prediction',
  'loss',
  'scaledConfidence',
  'lossTrace',
  'referenceLogits',
  'referenceProbabilities',
  'referencePrediction',
  'referenceLoss',
  'referenceScaledConfidence',
  'referenceMember',
] as const;

export type FieldName = (typeof fieldNames)[number];

/** Fields whose leading axis counts reference models, not samples. */
export const referenceFieldNames = [
  'referenceLogits',
  'referenceProbabilities',
  'referencePrediction',
  'referenceLoss',
  'referenceScaledConfidence',
  'referenceMember',
] as const satisfies readonly FieldName[];

/** One field of a read and validated dataset, stored as raw little-endian rows (numbers) or JSON lines (strings). */
export type StoredField =
  | {
      readonly kind: 'numeric';
      readonly dtype: Dtype;
      /** Shape of one row; the number of rows is the dataset's count (for reference fields: models). */
      readonly rowShape: readonly number[];
      readonly rows: number;
      readonly digest: Digest;
      readonly minimum: number;
      readonly maximum: number;
    }
  | {
      readonly kind: 'text';
      readonly rows: number;
      /** UTF-8 of all rows, one after another. */
      readonly digest: Digest;
      /** float64 (rows + 1): where each row begins, in bytes. */
      readonly offsets: Digest;
      readonly longestBytes: number;
    };

/**
 * How many samples 0, 1, … (up to the number of reference models) models were trained on: of members and non-members
 * where the dataset marks them, else of all.
 */
export interface InclusionHistograms {
  readonly all?: readonly number[];
  readonly members?: readonly number[];
  readonly nonMembers?: readonly number[];
}

/** A dataset after reading: what was found, and where its validated columns lie. */
export interface InspectedDataset {
  readonly count: number;
  readonly fields: Readonly<Partial<Record<FieldName, StoredField>>>;
  /** Rows whose input (or text) equals an earlier row's. */
  readonly duplicates: number;
  /** Number of classes seen: highest label + 1. */
  readonly classCount?: number;
  /** Rows with member = 1 and 0. */
  readonly members?: number;
  readonly nonMembers?: number;
  readonly referenceModels?: number;
  /** Rows of `probabilities` that leave one class everything to their precision; absent when there are none. */
  readonly saturated?: number;
  /** Of `referenceMember`; absent without it. */
  readonly inclusion?: InclusionHistograms;
  readonly digest: Digest;
}

/** An open dataset: rows by range, so memory is bounded by what is asked for. */
export interface OpenDataset {
  readonly inspected: InspectedDataset;
  has(field: FieldName): boolean;
  /** Rows [start, end) of a numeric field, shape [end - start, ...rowShape]. */
  numbers(field: FieldName, start?: number, end?: number): Promise<NdArray>;
  /** Rows [start, end) of a text field. */
  texts(field: FieldName, start?: number, end?: number): Promise<string[]>;
  /** Sample ids: the `id` field, else the row index as a string. */
  ids(): Promise<string[]>;
}

/** An uploaded dataset as everything after the upload sees it: also stored as a JSON artifact. */
export interface StoredDataset {
  readonly id: string;
  readonly name: string;
  readonly manifest: { readonly [key: string]: Json };
  readonly inspected: InspectedDataset;
}
