import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { measuredValues, type TargetMeasure } from '../target-measure.js';
import { gradientNormScores } from './score.js';

export const gradientNorm = defineAttack({
  id: 'gradientNorm',
  paper: 'Nasr, Shokri and Houmansadr 2019, "Comprehensive Privacy Analysis of Deep Learning", section IV',
  summary: 'How little a sample would still move the weights: close to the loss, from inside the model.',
  params: z
    .object({
      layers: z.enum(['last', 'all']).default('last').describe('Weights of the last dense layer, or of every layer.'),
      order: z
        .union([z.literal(1), z.literal(2), z.literal('inf')])
        .default(2)
        .describe('Of the norm: 1, 2 or "inf"; of every layer only 2.'),
    })
    .refine(({ layers, order }) => layers === 'last' || order === 2, {
      path: ['order'],
      message: 'over all layers only the norm of order 2 is computed; give "layers": "last" for the others',
    }),
  requires: (params) => [{ signal: 'measure', measure: normMeasure(params) }],
  score: ({ target }, params) => gradientNormScores(measuredValues(target.measured, normMeasure(params)).data),
});

function normMeasure({ layers, order }: { layers: 'last' | 'all'; order: 1 | 2 | 'inf' }): TargetMeasure {
  return layers === 'all' ? { kind: 'gradientNorm', params: {} } : { kind: 'lastLayerGradientNorm', params: { order } };
}
