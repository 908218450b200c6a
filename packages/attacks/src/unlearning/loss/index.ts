import { z } from 'zod';
import { type DifficultyEstimate, defineEstimator } from '../define-estimator.js';
import { averageLoss, inconsistency } from './score.js';

export const lossEstimator = defineEstimator({
  id: 'loss',
  paper:
    'Jiang et al. 2021, "Characterizing Structural Regularities of Labeled Data in Overparameterized Models"; Ravikumar et al. 2025 for sums of losses',
  summary: 'The loss of a sample, averaged over training or at its end.',
  params: z.object({
    source: z
      .enum(['trajectory', 'finalModel'])
      .default('trajectory')
      .describe('Averaged over training, or the final loss, which predicts weakly.'),
    measure: z
      .enum(['loss', 'inconsistency'])
      .default('loss')
      .describe('The loss itself, or minus the probability of the truth.'),
  }),
  requires: ({ source }) => [
    source === 'trajectory'
      ? { from: 'trajectory', reads: 'loss', moments: 1, advised: 5 }
      : { from: 'finalModel', reads: 'loss' },
  ],
  estimate: ({ trajectory, finalModel }, { source, measure }): DifficultyEstimate => {
    if (source === 'trajectory')
      return {
        difficulty: measure === 'loss' ? averageLoss(trajectory!) : inconsistency(trajectory!),
        kind: 'heuristic',
        settings: { moments: trajectory!.steps.length },
        notes: [],
      };
    const final = finalModel!.loss!;
    return {
      difficulty: measure === 'loss' ? final.slice() : final.map((value) => -Math.exp(-value)),
      kind: 'weak',
      settings: {},
      notes: ['Read at the final weights, where memorized samples look easy; predictive power is weak.'],
    };
  },
});
