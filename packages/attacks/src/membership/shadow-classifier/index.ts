import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { shadowClassifierScores } from './score.js';

export const shadowClassifier = defineAttack({
  id: 'shadowClassifier',
  paper: 'Shokri et al. 2017, "Membership Inference Attacks Against Machine Learning Models", sections V.C and V.D',
  summary:
    'A classifier that learned from reference models how outputs on training samples look: the classic attack, for comparison.',
  params: z.object({
    model: z
      .enum(['boostedTrees', 'logistic'])
      .default('boostedTrees')
      .describe('What learns: boosted trees, or logistic regression.'),
    rows: z
      .number()
      .int()
      .min(100)
      .max(1_000_000)
      .default(20_000)
      .describe('Outputs of reference models learned from, at most; half of them on samples a model trained on.'),
  }),
  requires: () => [
    { signal: 'labels' },
    { signal: 'loss' },
    { signal: 'scaledConfidence' },
    { signal: 'probabilities' },
    { signal: 'referenceProbabilities' },
    { signal: 'referenceOut', reads: 'scaledConfidence', minimum: 1 },
    { signal: 'referenceIn', reads: 'scaledConfidence', minimum: 1 },
  ],
  references: () => ({ minimum: 2, good: 16 }),
  score: ({ labels, target, reference }, params, { seed }) =>
    shadowClassifierScores(labels!, target, reference!, params, seed),
});
