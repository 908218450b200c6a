import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { modifiedEntropyScores } from './score.js';

export const modifiedEntropy = defineAttack({
  id: 'modifiedEntropy',
  paper: 'Song and Mittal 2021, "Systematic Evaluation of Privacy Risks of Machine Learning Models", equation 8',
  summary: 'Entropy that knows the label: low only for confident predictions that are right.',
  params: z.object({}),
  requires: () => [{ signal: 'probabilities' }, { signal: 'labels' }],
  score: ({ target, labels }) => modifiedEntropyScores(target, labels!),
});
