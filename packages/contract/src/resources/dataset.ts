import { fieldNames } from '@engram/domain';
import { z } from 'zod';
import { datasetId } from '../identifiers.js';
import { digest } from './model.js';

const numericField = z.strictObject({
  kind: z.literal('numeric'),
  dtype: z.enum(['float32', 'float64', 'int32', 'uint8']),
  /** Rows first. */
  shape: z.array(z.number().int()),
  minimum: z.number(),
  maximum: z.number(),
});

const textField = z.strictObject({
  kind: z.literal('text'),
  shape: z.array(z.number().int()),
  /** Bytes of the longest row as UTF-8. */
  longestBytes: z.number().int(),
});

export const datasetField = z.discriminatedUnion('kind', [numericField, textField]).meta({ id: 'DatasetField' });

/** An uploaded dataset and what was found inside it. */
export const dataset = z
  .strictObject({
    id: datasetId,
    name: z.string(),
    createdAt: z.iso.datetime(),
    format: z.string(),
    /** Number of samples. */
    count: z.number().int(),
    fields: z.partialRecord(z.enum(fieldNames), datasetField),
    /** Samples whose input equals an earlier sample's. */
    duplicates: z.number().int(),
    /** Highest label + 1, when there are labels. */
    classCount: z.number().int().optional(),
    /** Samples with member = 1 and 0, when there is a member field. */
    members: z.number().int().optional(),
    nonMembers: z.number().int().optional(),
    referenceModels: z.number().int().optional(),
    /** Rows of `probabilities` that leave one class everything to their precision; absent when there are none. */
    saturated: z.number().int().optional(),
    digest,
    manifest: z.record(z.string(), z.json()),
    links: z.strictObject({ self: z.string() }),
  })
  .meta({ id: 'Dataset' });

export type Dataset = z.infer<typeof dataset>;
export type DatasetField = z.infer<typeof datasetField>;
