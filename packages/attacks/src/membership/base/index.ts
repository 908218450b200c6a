import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { baseScores } from './score.js';

export const base = defineAttack({
  id: 'base',
  paper: 'Lassila et al. 2025, "Practical Bayes-Optimal Membership Inference Attacks"',
  summary: 'A Bayes-optimal threshold on the loss against the average reference: online it ranks as RMIA does.',
  params: z.object({
    mode: z
      .enum(['online', 'offline'])
      .default('online')
      .describe('online: references trained with and without the sample; offline: without only.'),
    offlineScale: z
      .number()
      .min(0)
      .max(1)
      .default(0.33)
      .describe("How much of the references' log-probability is subtracted offline."),
  }),
  requires: ({ mode }) => [
    { signal: 'loss' },
    { signal: 'likelihood' },
    { signal: 'referenceOut', reads: 'loss', minimum: 1 },
    ...(mode === 'online' ? [{ signal: 'referenceIn', reads: 'loss', minimum: 1 } as const] : []),
  ],
  references: () => ({ minimum: 2, good: 16 }),
  score: ({ target, reference }, params) => baseScores(target.loss!, reference!, params),
});
