import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { entropyScores } from './score.js';

export const entropy = defineAttack({
  id: 'entropy',
  paper: 'Song and Mittal 2021, "Systematic Evaluation of Privacy Risks of Machine Learning Models", section 4',
  summary: 'How peaked the prediction is, whatever the label: needs no labels, and calls confident mistakes members.',
  params: z.object({}),
  requires: () => [{ signal: 'probabilities' }],
  score: ({ target }) => entropyScores(target),
});
