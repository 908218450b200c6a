import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { lossScores } from './score.js';

export const loss = defineAttack({
  id: 'loss',
  paper: 'Yeom et al. 2018, "Privacy Risk in Machine Learning: Analyzing the Connection to Overfitting", section 3',
  summary: 'How well the model fits a sample, and nothing else: the baseline every other attack has to beat.',
  params: z.object({}),
  requires: () => [{ signal: 'loss' }],
  score: ({ target }) => lossScores(target.loss!),
});
