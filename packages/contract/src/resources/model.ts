import { abilities, modelKinds, modelTasks, outputMeanings } from '@engram/domain';
import { z } from 'zod';
import { modelId } from '../identifiers.js';

export const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** One uploaded file: its path inside the model or dataset, and what it is. */
export const storedFile = z
  .strictObject({ path: z.string(), sizeBytes: z.number().int().nonnegative(), digest })
  .meta({ id: 'StoredFile' });

const shape = z.array(z.number().int().nullable());

/** An uploaded model and what was found inside it. Shapes leave out the batch axis; null = any length. */
export const model = z
  .strictObject({
    id: modelId,
    name: z.string(),
    createdAt: z.iso.datetime(),
    kind: z.enum(modelKinds),
    task: z.enum(modelTasks),
    inputs: z.array(z.strictObject({ name: z.string(), shape, dtype: z.string() })),
    output: z.strictObject({ shape, meaning: z.enum(outputMeanings) }),
    classCount: z.number().int().optional(),
    vocabularySize: z.number().int().optional(),
    contextLength: z.number().int().optional(),
    parameterCount: z.number().int(),
    /** What the model can give; attacks declare what they need of it. */
    abilities: z.array(z.enum(abilities)),
    /** What is known of the last dense layer, where what it reads can be had; `linear`: of a regression. */
    lastLayer: z
      .strictObject({
        width: z.number().int().nullable(),
        head: z.enum(['softmax', 'sigmoid', 'linear']),
        bias: z.boolean(),
        featuresOutput: z.string().optional(),
      })
      .optional(),
    /** Of a linear regression: its inputs, and whether a constant is added. */
    linearUnit: z.strictObject({ width: z.number().int(), bias: z.boolean() }).optional(),
    /** Training steps whose weights came along, when the upload recorded its training. */
    checkpoints: z.array(z.number().int()).optional(),
    digest,
    /** The manifest as parsed, defaults filled in. */
    manifest: z.record(z.string(), z.json()),
    files: z.array(storedFile),
    links: z.strictObject({ self: z.string() }),
  })
  .meta({ id: 'Model' });

export type Model = z.infer<typeof model>;
export type StoredFile = z.infer<typeof storedFile>;
