import { z } from 'zod';
import { type DifficultyEstimate, defineEstimator } from '../define-estimator.js';
import { earlyErrorNorm } from './score.js';

export const el2nEstimator = defineEstimator({
  id: 'el2n',
  paper:
    'Paul, Ganguli and Dziugaite 2021, "Deep Learning on a Data Diet: Finding Important Examples Early in Training"',
  summary: 'How wrong the prediction of a sample still is early in training.',
  params: z.object({
    source: z.enum(['trajectory', 'finalModel']).default('trajectory').describe('Early in training, or at its end.'),
    from: z.number().gt(0).max(1).default(0.05).describe('Start of the window, a fraction of training.'),
    to: z.number().gt(0).max(1).default(0.1).describe('End of the window, a fraction of training.'),
  }),
  requires: ({ source }) => [
    source === 'trajectory'
      ? { from: 'trajectory', reads: 'el2n', moments: 1, advised: 5 }
      : { from: 'finalModel', reads: 'el2n' },
  ],
  estimate: ({ trajectory, finalModel }, { source, from, to }): DifficultyEstimate => {
    if (source === 'finalModel')
      return {
        difficulty: finalModel!.el2n!.slice(),
        kind: 'weak',
        settings: {},
        notes: ['Read at the final weights, where fitted samples look alike; predictive power is weak.'],
      };
    const { difficulty, moments } = earlyErrorNorm(trajectory!, { from: Math.min(from, to), to: Math.max(from, to) });
    return {
      difficulty,
      kind: 'heuristic',
      settings: { steps: moments.map((t) => trajectory!.steps[t]) },
      notes: ['Averaged over moments of one run; over several runs it is steadier.'],
    };
  },
});
