import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { fusible, fusibleIds, requiredForFusion } from './parts.js';
import { fusedScores } from './score.js';

export const fusion = defineAttack({
  id: 'fusion',
  paper:
    'Learned fusion of several signals, as in Nasr, Shokri and Houmansadr 2019, "Comprehensive Privacy Analysis of Deep Learning"; weights by logistic regression on reference models',
  summary:
    'Several attacks weighed together, with weights learned on reference models and fixed before the target is looked at.',
  params: z.object({
    of: z
      .array(z.enum(fusibleIds))
      .min(2)
      .refine((ids) => new Set(ids).size === ids.length, 'expected each attack once')
      .default(['loss', 'lira', 'rmia'])
      .describe(
        'The attacks weighed; each with its default parameters. gradientNorm is asked of every reference model too, at the last layer.',
      ),
  }),
  requires: ({ of }) => requiredForFusion(of),
  references: () => ({ minimum: 8, good: 64 }),
  score: (signals, { of }, { seed }) =>
    fusedScores(
      signals,
      of.map((id) => fusible[id].plan()),
      seed,
    ),
});
