import { z } from 'zod';
import { defineAttack } from '../define-attack.js';
import { labelMargins } from '../probability-summary.js';
import { quantileScores, rowsForQuantile } from './score.js';

export const quantile = defineAttack({
  id: 'quantile',
  paper:
    'Bertran et al. 2023, "Scalable Membership Inference Attacks via Quantile Regression", section 3 and algorithm 1',
  summary:
    'Is the target more confident than on non-members that look like the sample? Needs non-members set aside, no reference models.',
  params: z.object({
    head: z
      .enum(['gaussian', 'pinball'])
      .default('gaussian')
      .describe(
        'What is learned of the confidence of non-members: its mean and spread, or the highest quantile their number supports.',
      ),
  }),
  requires: () => [
    // A quantile 1 - alpha takes 20 / alpha rows; 0.9 is the first that lies in the tail attacks are about.
    { signal: 'calibration', minimum: rowsForQuantile(0.9) },
    { signal: 'covariates' },
    { signal: 'labels', of: 'classifier' },
    { signal: 'probabilities', of: 'classifier' },
    { signal: 'scaledConfidence', of: 'regression' },
  ],
  score: ({ target, labels, covariates, calibration }, { head }, { seed }) => {
    const shown = { covariates: covariates!, calibration: calibration! };
    // The covariates of a regression hold its targets.
    return target.squaredError === true
      ? quantileScores({ ...shown, confidence: target.scaledConfidence! }, head, seed)
      : quantileScores({ ...shown, confidence: labelMargins(target, labels!), labels: labels! }, head, seed);
  },
});
