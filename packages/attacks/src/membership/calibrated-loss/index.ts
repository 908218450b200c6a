import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { calibratedScores } from './score.js';

export const calibratedLoss = defineAttack({
  id: 'calibratedLoss',
  paper: 'Watson et al. 2022, "On the Importance of Difficulty Calibration in Membership Inference Attacks", section 3',
  summary:
    'The loss compared with what models that never saw the sample have: hard samples are no longer called non-members.',
  params: z.object({
    signal: z
      .enum(['loss', 'scaledConfidence'])
      .default('loss')
      .describe('What is compared: minus the loss, or the logit-scaled confidence.'),
  }),
  requires: ({ signal }) => [{ signal }, { signal: 'referenceOut', reads: signal, minimum: 1 }],
  references: () => ({ minimum: 1, good: 8 }),
  score: ({ target, reference }, { signal }) =>
    calibratedScores(target[signal]!, { ...reference!, values: reference![signal]! }, signal === 'loss' ? -1 : 1),
});
