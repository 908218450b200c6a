import { z } from 'zod';
import { datasetId } from '../identifiers.js';
import { dataset } from './dataset.js';
import { digest } from './model.js';

/** What `POST /v1/canaries` takes. */
export const canariesRequest = z
  .strictObject({
    /** The samples that will be trained on, with inputs and labels. */
    dataset: datasetId,
    /** By default one in a hundred training samples, at most 1,000. */
    count: z.number().int().min(100).max(1_000_000).optional(),
    /** Samples of the dataset with a wrong label. */
    kind: z.literal('mislabeled').default('mislabeled'),
    /** Of what is drawn: which samples, which labels, how the coins fall. Keep it from whoever trains. */
    seed: z.number().int().min(0).max(4294967295),
    /** Allows more than one canary in a hundred training samples, which changes the model they are to measure. */
    allowLargeShare: z.boolean().default(false),
  })
  .meta({ id: 'CanariesRequest' });

export const plantedCanaries = z
  .strictObject({
    /** Input, wrong label, and member = 1 where the coin said to train on it: the audit set of `tests.privacyBounds`. */
    canaries: dataset,
    /** What to train on: the samples that did not become canaries, then the canaries with member = 1. */
    trainingSet: dataset,
    kind: z.literal('mislabeled'),
    seed: z.number().int(),
    coins: z.strictObject({
      included: z.number().int(),
      leftOut: z.number().int(),
      /** Of one byte for each canary, 1 = included, in the order of the dataset: to be kept from before the training. */
      sha256: digest,
    }),
    notices: z.array(z.string()),
    /** What to do with them, step by step. */
    howToUse: z.array(z.string()),
  })
  .meta({ id: 'PlantedCanaries' });

export type PlantedCanaries = z.infer<typeof plantedCanaries>;
