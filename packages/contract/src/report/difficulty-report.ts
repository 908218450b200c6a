import { z } from 'zod';
import { measured } from './measured.js';

export const difficultyReport = z
  .strictObject({
    statement: z.string(),
    estimators: z.array(
      z.strictObject({
        estimator: z.string(),
        /** `estimate`: one recorded trajectory; `heuristic`: outside the theory's conditions; `weak`: final model only. */
        kind: z.enum(['estimate', 'heuristic', 'weak']),
        source: z.enum(['recordedTraining', 'surrogateTraining', 'finalModel']),
        settings: z.record(z.string(), z.json()),
        /** Five bins of equal size, easiest first. */
        bins: z.array(
          z.strictObject({
            bin: z.number().int(),
            count: z.number().int(),
            median: z.number(),
            low: z.number(),
            high: z.number(),
          }),
        ),
        notes: z.array(z.string()),
      }),
    ),
    verification: z
      .strictObject({
        method: z.string(),
        settings: z.record(z.string(), z.json()),
        tolerance: z.number(),
        forgetSets: z.array(
          z.strictObject({
            set: z.number().int(),
            size: z.number().int(),
            medianDifficulty: z.number(),
            /** Gap of mean logit confidence between original and retrained models before unlearning. */
            gapBefore: measured,
            gapAfter: measured,
            /** Steps of noisy fine-tuning until the gap stays within tolerance; at the budget when censored. */
            stepsToRetrainLevel: measured,
            censored: z.boolean(),
            /** Loss of accuracy on the non-members at that step, a fraction; positive = worse. */
            damage: measured,
            curve: z.strictObject({ steps: z.array(z.number()), gap: z.array(z.number()) }),
          }),
        ),
        /** Spearman of each estimator with the measured steps and gaps, over forget sets. */
        rankCorrelation: z.array(
          z.strictObject({ estimator: z.string(), against: z.enum(['steps', 'gapBefore']), measured }),
        ),
        /** Per-sample rank correlation with the gap before unlearning. */
        sampleRankCorrelation: z.array(z.strictObject({ estimator: z.string(), measured })),
      })
      .nullable(),
    /** Ids of the hardest and the easiest records by the first estimator, at most 20 each. */
    hardest: z.array(z.strictObject({ sampleId: z.string(), difficulty: z.number() })),
    easiest: z.array(z.strictObject({ sampleId: z.string(), difficulty: z.number() })),
    limits: z.array(z.string()),
  })
  .meta({ id: 'DifficultyReport' });

export type DifficultyReport = z.infer<typeof difficultyReport>;
