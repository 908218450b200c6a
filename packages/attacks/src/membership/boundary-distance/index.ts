import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { inputRangeParameter } from '../label-queries/input-range.js';
import { measuredValues, type TargetMeasure } from '../target-measure.js';

const params = z.object({
  queries: z
    .int()
    .min(100)
    .max(25_000)
    .default(1000)
    .describe('The most labels asked for per sample; 1,000 to 2,500 are usual.'),
  inputRange: inputRangeParameter,
});

const measureOf = (settings: z.output<typeof params>): TargetMeasure => ({
  kind: 'boundaryDistance',
  params: settings,
});

export const boundaryDistance = defineAttack({
  id: 'boundaryDistance',
  paper:
    'Choquette-Choo et al. 2021, "Label-Only Membership Inference Attacks", on the decision boundary; the distance as in Chen, Jordan and Wainwright 2020, "HopSkipJumpAttack"',
  summary:
    'How far a sample lies from the nearest input labelled otherwise: training pushes the boundary away from it. The strongest attack from labels alone, and the dearest.',
  params,
  requires: (settings) => [{ signal: 'measure', measure: measureOf(settings) }],
  score: ({ target }, settings) => measuredValues(target.measured, measureOf(settings)).data.slice(),
});
