import { z } from 'zod';
import { aboveClassThreshold, perClass, referencesOfClasses } from '../class-thresholds.js';
import { defineAttack } from '../define-attack.js';
import { lossScores } from './score.js';

export const loss = defineAttack({
  id: 'loss',
  paper: 'Yeom et al. 2018, "Privacy Risk in Machine Learning: Analyzing the Connection to Overfitting", section 3',
  summary: 'How well the model fits a sample, and nothing else: the baseline every other attack has to beat.',
  params: z.object({ perClass }),
  requires: (settings) => [
    { signal: 'loss' },
    ...(settings.perClass ? ([{ signal: 'labels' }, ...referencesOfClasses] as const) : []),
  ],
  references: (settings) => (settings.perClass ? { minimum: 2, good: 16 } : null),
  score: ({ target, labels, reference }, settings) => {
    const scores = lossScores(target.loss!);
    return settings.perClass
      ? aboveClassThreshold(scores, labels!, lossScores(reference!.loss), reference!.trainedOn)
      : scores;
  },
});
