import { z } from 'zod';
import { defineExtractionAttack } from '../define-attack.js';
import { exposures } from './score.js';

export const exposure = defineExtractionAttack({
  id: 'exposure',
  paper:
    'Carlini et al. 2019, "The Secret Sharer: Evaluating and Testing Unintended Memorization in Neural Networks", section 4',
  summary: 'How far a planted secret stands out among all secrets it could have been, in bits.',
  params: z.object({
    references: z
      .int()
      .min(100)
      .max(10_000_000)
      .default(10_000)
      .describe(
        'Never-planted secrets per template to compare with: n show exposures up to log2(n + 1) bits. A smaller space is scored whole.',
      ),
    estimator: z
      .enum(['auto', 'sampled', 'extrapolated'])
      .default('auto')
      .describe('auto: exact where the whole space is scored, else sampled.'),
    alphabet: z.string().min(2).default('0123456789').describe('Characters a secret may have, each once.'),
    length: z.int().min(1).max(64).default(9).describe('Characters in a secret.'),
  }),
  reads: 'canaries',
  requires: () => [
    { needs: 'ability', ability: 'perTokenLogProbs' },
    { needs: 'canaries', minimum: 1, advised: 20 },
  ],
  score: ({ canaries }, { estimator }) => exposures(canaries!, estimator).exposureBits,
});

export type ExposureParameters = z.output<typeof exposure.params>;
