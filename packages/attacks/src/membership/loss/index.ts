import { z } from 'zod';
import { aboveClassThreshold } from '../class-thresholds.js';
import { defineAttack } from '../define-attack.js';
import { lossScores } from './score.js';

export const loss = defineAttack({
  id: 'loss',
  paper: 'Yeom et al. 2018, "Privacy Risk in Machine Learning: Analyzing the Connection to Overfitting", section 3',
  summary: 'How well the model fits a sample, and nothing else: the baseline every other attack has to beat.',
  params: z.object({
    perClass: z
      .boolean()
      .default(false)
      .describe(
        'Whether scores are told from a threshold of their class, found on reference models trained with and without samples of it.',
      ),
  }),
  requires: ({ perClass }) => [
    { signal: 'loss' },
    ...(perClass
      ? ([
          { signal: 'labels' },
          { signal: 'referenceOut', reads: 'loss', minimum: 1 },
          { signal: 'referenceIn', reads: 'loss', minimum: 1 },
        ] as const)
      : []),
  ],
  references: ({ perClass }) => (perClass ? { minimum: 2, good: 16 } : null),
  score: ({ target, labels, reference }, { perClass }) => {
    const scores = lossScores(target.loss!);
    return perClass ? aboveClassThreshold(scores, labels!, lossScores(reference!.loss), reference!.trainedOn) : scores;
  },
});
