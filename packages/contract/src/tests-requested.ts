import { estimatorRequest, extractionAttackRequest, membershipAttackRequest } from '@engram/attacks';
import { recipe } from '@engram/models';
import { z } from 'zod';
import { modelId } from './identifiers.js';
import { sliceKinds } from './report/membership-numbers.js';

export const membershipTest = z
  .strictObject({
    attacks: z.union([z.literal('default'), z.array(membershipAttackRequest).min(1).max(32)]).default('default'),
    referenceModels: z
      .strictObject({
        /** Default: 16 for a classifier, 4 for a language model, 0 where the model cannot be trained. */
        count: z.number().int().min(0).max(256).optional(),
        /** How references are trained. Default: the recipe the model came with. */
        recipe: recipe.optional(),
        /** Uploaded classifiers to use instead of training any: the same classes and inputs as the audited model. */
        models: z.array(modelId).min(1).max(256).optional(),
        /**
         * What the models given were trained on: none of the samples, or those that `referenceMember` marks in every
         * dataset (models × samples, in the order of `models`). Default: the field where the datasets have it.
         */
        trainedOn: z.enum(['none', 'field']).optional(),
      })
      .default({}),
    /** False positive fractions at which true positive rates are reported. Default: those the sample count can show. */
    fpr: z.array(z.number().gt(0).lt(1)).min(1).max(8).optional(),
    /** A list of samples certified to be members, of which at most a share `fdr` is expected not to be. Needs calibration. */
    certify: z
      .strictObject({ fdr: z.number().gt(0).lt(1).default(0.05) })
      .nullable()
      .default(null),
    /** Parts of the samples the primary attack is shown on; true: all the data allow. */
    slices: z.union([z.boolean(), z.array(z.enum(sliceKinds)).min(1).max(sliceKinds.length)]).default(true),
    /**
     * Models trained by the audited model's recipe on exactly the members, from other seeds, and attacked like it: what
     * another training would have given away. Each costs a training; from five on it is told who is exposed in most.
     */
    retrainedTargets: z
      .strictObject({ count: z.number().int().min(3).max(16).default(5) })
      .nullable()
      .default(null),
  })
  .meta({ id: 'MembershipTest' });

export const extractionTest = z
  .strictObject({
    attacks: z.union([z.literal('default'), z.array(extractionAttackRequest).min(1).max(8)]).default('default'),
    /** How texts may appear in the report: numbers, addresses and names masked; not at all; or as they are. */
    texts: z.enum(['redacted', 'hidden', 'shown']).default('redacted'),
  })
  .meta({ id: 'ExtractionTest' });

export const difficultyTest = z
  .strictObject({
    estimators: z.array(estimatorRequest).min(1).max(8).default(['privacyLoss']),
    /** Unlearn several forget sets of different difficulty and compare; null: estimate only. */
    verify: z
      .strictObject({
        method: z.literal('noisyFineTune').default('noisyFineTune'),
        forgetSets: z.number().int().min(2).max(32).default(8),
        /** Samples in each forget set; default 5 % of the members, at least 10. */
        size: z.number().int().min(1).optional(),
        /** Retrained models per forget set: the oracle's spread. */
        retrainSeeds: z.number().int().min(1).max(16).default(3),
        /** Budget of noisy fine-tuning, in epochs over the retained samples. */
        epochs: z.number().int().min(1).max(200).default(20),
      })
      .nullable()
      .prefault({}),
  })
  .meta({ id: 'DifficultyTest' });

export type MembershipTest = z.infer<typeof membershipTest>;
export type ExtractionTest = z.infer<typeof extractionTest>;
export type DifficultyTest = z.infer<typeof difficultyTest>;
