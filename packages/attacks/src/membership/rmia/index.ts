import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { rmiaOverForms } from './augmented-forms.js';
import { rmiaScores } from './score.js';
import { tunedSlope, usualSlope } from './tuned-slope.js';

export const rmia = defineAttack({
  id: 'rmia',
  paper: 'Zarifzadeh, Liu and Shokri 2024, "Low-Cost High-Power Membership Inference Attacks", section 2',
  summary:
    "The sample's probability under the target against its probability under models in general: the strongest with few references.",
  params: z.object({
    mode: z
      .enum(['online', 'offline'])
      .default('online')
      .describe('online: references trained with and without the sample; offline: without only.'),
    offlineA: z
      .union([z.number().min(0).max(1), z.literal('tuned')])
      .default(usualSlope)
      .describe(
        'Slope a of p_in = a p_out + 1 - a, used offline. tuned: the one that tells best what reference models were trained on; never to be tuned on the audited samples.',
      ),
    gamma: z
      .number()
      .min(1)
      .default(2)
      .describe('How many times more likely than a population sample; shifts population counts, not the ranking.'),
    queries: z
      .literal([1, 2, 18])
      .default(1)
      .describe(
        'Forms of an image asked about: itself; with its mirror image; both shifted by a pixel each way too. A majority of them decides.',
      ),
  }),
  requires: ({ mode, queries }) => [
    { signal: 'loss' },
    { signal: 'likelihood' },
    { signal: 'referenceOut', reads: 'loss', minimum: 1 },
    ...(mode === 'online' ? [{ signal: 'referenceIn', reads: 'loss', minimum: 1 } as const] : []),
    ...(queries === 1 ? [] : [{ signal: 'queries', count: queries } as const]),
  ],
  references: () => ({ minimum: 2, good: 16 }),
  score: ({ target, reference }, { queries, mode, offlineA }, { seed }) => {
    const slope = offlineA === 'tuned' ? (mode === 'offline' ? tunedSlope(reference!, seed) : usualSlope) : offlineA;
    const params = { mode, offlineA: slope };
    return queries === 1
      ? rmiaScores(target.loss!, reference!, params)
      : rmiaOverForms(target.queryConfidence!, reference!, queries, params);
  },
});
