import { z } from 'zod';

/** What a model of this architecture can learn by heart, and which labels of the members look wrong. */
export const labelMemorizationTest = z
  .strictObject({
    /** Teach copies of the model labels drawn at random: how many can it learn? null: leave out. */
    randomLabels: z
      .strictObject({
        /** Shares of the labels drawn at random; 0, the labels as they are, is always trained beside them. */
        corruption: z.array(z.number().min(0).max(1)).min(1).max(11).default([0, 0.5, 1]),
        /** Default: the recipe's. */
        epochs: z.number().int().min(1).max(1000).optional(),
        /** Models per share. */
        seeds: z.number().int().min(1).max(8).default(1),
      })
      .nullable()
      .prefault({}),
    /** Flip a share of the labels on purpose: which scores find them, and which samples do they point at? null: leave out. */
    noisyLabels: z
      .strictObject({
        flip: z.number().gt(0).max(0.5).default(0.1),
        /** Models with flipped labels, each with flips of its own, and as many with the labels as they are. */
        runs: z.number().int().min(1).max(16).default(3),
      })
      .nullable()
      .prefault({}),
    /** Share of the members listed for review, at most 100. */
    reviewShare: z.number().gt(0).max(0.5).default(0.01),
    /** Whether to follow, epoch by epoch, how flipped labels are learned; read from the runs of `noisyLabels`. */
    earlyLearning: z.boolean().default(true),
  })
  .refine(({ randomLabels, noisyLabels }) => randomLabels !== null || noisyLabels !== null, {
    message: 'expected randomLabels or noisyLabels, got null for both',
  })
  .meta({ id: 'LabelMemorizationTest' });
