import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { inputRangeParameter } from '../label-queries/input-range.js';
import { fewestSurrogates, mostSurrogates } from '../label-queries/surrogate-models.js';
import { measuredValues, type TargetMeasure } from '../target-measure.js';

const params = z.object({
  thresholds: z
    .array(z.number().gt(0).lt(1))
    .min(1)
    .max(10)
    .refine((all) => all.every((each, k) => k === 0 || each < all[k - 1]), 'expected each below the one before it')
    .default([0.8, 0.5, 0.3, 0.1, 0.05, 0.01, 0.001, 0.0001, 0.000001])
    .describe('Mean confidences of reference models, descending: at each the target is asked for one label.'),
  steps: z.int().min(1).max(500).default(20).describe('Changes of a sample tried, each larger than the last.'),
  largestChange: z
    .number()
    .gt(0)
    .max(1)
    .default(0.3)
    .describe('The largest change of a value, as a share of the input range.'),
  inputRange: inputRangeParameter,
});

const measureOf = (settings: z.output<typeof params>): TargetMeasure => ({ kind: 'transferAttack', params: settings });

export const transferAttack = defineAttack({
  id: 'transferAttack',
  paper: 'Peng et al. 2024, "OSLO: One-Shot Label-Only Membership Inference Attacks"',
  summary:
    'Whether the target still gives the label when the sample was changed just enough that models which never saw it no longer do. A handful of labels for each sample.',
  params,
  requires: (settings) => [
    { signal: 'measure', measure: measureOf(settings) },
    { signal: 'referenceOut', reads: 'loss', minimum: fewestSurrogates },
  ],
  references: () => ({ minimum: 2 * fewestSurrogates, good: 2 * mostSurrogates }),
  score: ({ target }, settings) => measuredValues(target.measured, measureOf(settings)).data.slice(),
});
