import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { measuredValues, type TargetMeasure } from '../target-measure.js';

const params = z.object({
  queries: z.int().min(2).max(50).default(20).describe('Views of each image: half rotations, half shifts.'),
  rotationDegrees: z.number().gt(0).max(45).default(15).describe('The most an image is rotated, either way.'),
});

const measureOf = (settings: z.output<typeof params>): TargetMeasure => ({
  kind: 'augmentationVotes',
  params: settings,
});

export const augmentationVotes = defineAttack({
  id: 'augmentationVotes',
  paper: 'Choquette-Choo et al. 2021, "Label-Only Membership Inference Attacks", on data augmentation',
  summary:
    'How many slightly rotated and shifted views of an image keep its label: images the model trained on keep it longer. Needs labels alone.',
  params,
  requires: (settings) => [{ signal: 'measure', measure: measureOf(settings) }],
  score: ({ target }, settings) => measuredValues(target.measured, measureOf(settings)).data.slice(),
});
