import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { inputRangeParameter } from '../label-queries/input-range.js';
import { measuredValues, type TargetMeasure } from '../target-measure.js';

const params = z.object({
  draws: z.int().min(1).max(1000).default(20).describe('Noisy copies of each sample at each of 8 levels.'),
  inputRange: inputRangeParameter,
});

const measureOf = (settings: z.output<typeof params>): TargetMeasure => ({ kind: 'noiseRobustness', params: settings });

export const noiseRobustness = defineAttack({
  id: 'noiseRobustness',
  paper: 'Choquette-Choo et al. 2021, "Label-Only Membership Inference Attacks", on robustness to random noise',
  summary:
    'How much Gaussian noise the label of a sample survives: a cheap stand-in for its distance to the boundary. Needs labels alone.',
  params,
  requires: (settings) => [{ signal: 'measure', measure: measureOf(settings) }],
  score: ({ target }, settings) => measuredValues(target.measured, measureOf(settings)).data.slice(),
});
