import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import type { ReferenceRequirement, SignalRequirement } from '../requirements.js';
import { liraOverForms } from './augmented-forms.js';
import { liraScores } from './score.js';

type Variance = 'perSample' | 'global' | 'moderated';

export const lira = defineAttack({
  id: 'lira',
  paper:
    'Carlini et al. 2022, "Membership Inference Attacks From First Principles", algorithm 1; moderated variance after Brännvall 2026',
  summary:
    "Is the target's confidence more like that of models trained with the sample or without it? The default with a bank of references.",
  params: z.object({
    mode: z
      .enum(['online', 'offline'])
      .default('online')
      .describe('online: references trained with and without the sample; offline: without only.'),
    variance: z
      .enum(['perSample', 'global', 'moderated'])
      .default('moderated')
      .describe(
        "Spread of the references: each sample's own, one for all, or each sample's own shrunk to the common one.",
      ),
    location: z
      .enum(['auto', 'mean', 'median'])
      .default('auto')
      .describe('Centre of the references for perSample and global: auto is the mean below 8 models, else the median.'),
    queries: z
      .literal([1, 2, 18])
      .default(1)
      .describe(
        'Forms of an image asked about: itself; with its mirror image; both shifted by a pixel each way too. Only forms the training used say more than the image itself.',
      ),
  }),
  requires: ({ mode, variance, queries }) =>
    [
      { signal: 'scaledConfidence' },
      side('referenceOut', variance),
      ...(mode === 'online' ? [side('referenceIn', variance)] : []),
      ...(queries === 1 ? [] : [{ signal: 'queries', count: queries } as const]),
    ] satisfies SignalRequirement[],
  references: ({ variance }) => budgets[variance],
  score: ({ target, reference }, { queries, ...params }) =>
    queries === 1
      ? liraScores(target.scaledConfidence!, { ...reference!, values: reference!.scaledConfidence! }, params)
      : liraOverForms(target.queryConfidence!, reference!, queries, params),
});

const budgets = {
  perSample: { minimum: 64, good: 256 },
  global: { minimum: 8, good: 64 },
  moderated: { minimum: 4, good: 32 },
} as const;

/** A sample's own spread needs two of its models, and thirty-two to be worth it; a pooled one needs two somewhere. */
function side(signal: ReferenceRequirement['signal'], variance: Variance): ReferenceRequirement {
  const reads = 'scaledConfidence';
  if (variance === 'perSample') return { signal, reads, minimum: 2, advised: 32 };
  return { signal, reads, minimum: 1, somewhere: 2 };
}
