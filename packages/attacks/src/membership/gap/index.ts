import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { gapScores } from './score.js';

export const gap = defineAttack({
  id: 'gap',
  paper: 'Choquette-Choo et al. 2021, "Label-Only Membership Inference Attacks", section 3',
  summary: 'Whether the predicted label is right: all that the difference in accuracy gives away, from one label each.',
  params: z.object({}),
  requires: () => [{ signal: 'correct' }],
  score: ({ target }) => gapScores(target.correct!),
});
