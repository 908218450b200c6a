import { z } from 'zod';
import { decoder } from '../decoder.js';
import { defineExtractionAttack } from '../define-attack.js';
import { suffixScores } from './score.js';

export const prefixSuffix = defineExtractionAttack({
  id: 'prefixSuffix',
  paper:
    'Carlini et al. 2023, "Quantifying Memorization Across Neural Language Models"; Hayes et al. 2025, "Measuring memorization in language models via probabilistic extraction"',
  summary:
    "How likely the model is to continue a training text's beginning with its true rest, and within how many draws.",
  params: z.object({
    prefixTokens: z.int().min(1).max(100_000).default(50).describe('Tokens shown to the model.'),
    suffixTokens: z.int().min(1).max(100_000).default(50).describe('Tokens it has to produce.'),
    decoders: z
      .array(decoder)
      .min(1)
      .max(8)
      .default(['greedy', { temperature: 1, topK: 40 }])
      .describe('How tokens are chosen; the first that samples gives the score.'),
    draws: z
      .array(z.int().min(1))
      .min(1)
      .max(16)
      .default([1, 100, 10_000])
      .describe('Budgets of draws at which a record may be called extractable.'),
    maxRecords: z.int().min(1).default(10_000).describe('Records audited, drawn at random when there are more.'),
  }),
  reads: 'suffixes',
  requires: () => [
    { needs: 'ability', ability: 'perTokenLogProbs' },
    { needs: 'records', minimum: 1 },
    { needs: 'controls', minimum: 1, advised: 200 },
  ],
  score: ({ suffixes }, { decoders }) => suffixScores(suffixes!, decoders),
});
