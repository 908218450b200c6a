import { z } from 'zod';

/** How much each sample's own presence in training changes what models of this recipe say of it. */
export const memorizationTest = z
  .strictObject({
    /** Models of the bank. Default: as many as the membership test trains, else 32. */
    models: z.number().int().min(8).max(4000).optional(),
    /**
     * Share of the samples each model trains on. At one half the bank is the membership test's own; any other share trains
     * a bank of its own. What is estimated is memorization at that training size.
     */
    subsetFraction: z.number().min(0.1).max(0.9).default(0.5),
    /** `hard`: whether the prediction is right. `soft`: the probability of the truth. `auto`: soft below 500 models. */
    measure: z.enum(['auto', 'soft', 'hard']).default('auto'),
    /** From here on a sample counts as memorised. */
    threshold: z.number().gt(0).lt(1).default(0.25),
    /** Influence of samples on those of `data.population`, which no model trains on; null: leave out. */
    influence: z
      .strictObject({
        /** From here on a memorised sample counts as what a test sample depends on. */
        threshold: z.number().gt(0).lt(1).default(0.15),
      })
      .nullable()
      .prefault({}),
    /**
     * The C-score: how often models that did not train on a sample get it right, averaged over several sizes of the training
     * set. Null: consistency at the bank's one size stands alone.
     */
    consistency: z
      .strictObject({
        /** Shares of the samples. One that equals `subsetFraction` takes the bank, for any other models are trained. */
        subsetFractions: z
          .array(z.number().min(0.1).max(0.9))
          .min(2)
          .max(8)
          .refine((fractions) => new Set(fractions).size === fractions.length, {
            message: 'expected every subset fraction once',
          })
          .default([0.1, 0.25, 0.5, 0.75]),
        /** Models per size. */
        models: z.number().int().min(8).max(256).default(16),
      })
      .nullable()
      .default(null),
    /** Retrain without the most exposed members, and without as many random ones: are others exposed then? */
    onion: z
      .strictObject({
        /** Share of the members taken away. */
        removeFraction: z.number().gt(0).max(0.4).default(0.05),
        /** By what the most exposed are chosen and judged: vulnerability d', or memorization. */
        exposure: z.enum(['vulnerability', 'memorization']).default('vulnerability'),
        /** Models per arm, trained on random subsets of what is left: exposure is measured anew by these. */
        models: z.number().int().min(16).max(256).default(16),
        /** Models per arm trained on all members left, for what the removal costs in accuracy. */
        retrainSeeds: z.number().int().min(5).max(32).default(5),
      })
      .nullable()
      .default(null),
  })
  .meta({ id: 'MemorizationTest' });

export type MemorizationTest = z.infer<typeof memorizationTest>;
