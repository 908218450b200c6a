import { z } from 'zod';
import { type DifficultyEstimate, defineEstimator } from '../define-estimator.js';
import { mostCopies } from '../sampled-gaussian.js';
import type { DifficultySignals } from '../signals.js';
import { finalModelPrivacyLoss, privacyLoss } from './score.js';

const params = z.object({
  source: z
    .enum(['trajectory', 'finalModel'])
    .default('trajectory')
    .describe('A recorded training run, or the final weights alone, which predict weakly.'),
  alpha: z.int().min(2).max(64).default(8).describe('Order of the Rényi divergence.'),
  clip: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Gradient norm training clipped at; null: the 90th percentile in the first epoch.'),
  noiseMultiplier: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('Noise of a differentially private training run over its clip; null: training added none.'),
});

export const privacyLossEstimator = defineEstimator({
  id: 'privacyLoss',
  paper:
    'Thudi et al. 2024, "Gradients Look Alike: Privacy is Often Overestimated in DP-SGD"; Sepahvand et al. 2025, "Leveraging Per-Instance Privacy for Machine Unlearning"',
  summary: 'How much each sample moved the model all along training, in units of a privacy guarantee of its own.',
  params,
  requires: ({ source }) => [
    source === 'trajectory'
      ? { from: 'trajectory', reads: 'gradientNorm', moments: 1, advised: 10 }
      : { from: 'finalModel', reads: 'gradientNorm' },
  ],
  estimate: (signals, settings) => (settings.source === 'trajectory' ? alongTraining : atFinalModel)(signals, settings),
});

function alongTraining(
  { trajectory, copies }: DifficultySignals,
  { alpha, clip, noiseMultiplier }: z.output<typeof params>,
): DifficultyEstimate {
  const found = privacyLoss(trajectory!, {
    order: alpha,
    noise: noiseMultiplier === null ? { kind: 'nominal' } : { kind: 'multiplier', value: noiseMultiplier },
    ...(clip === null ? {} : { clip }),
    ...(copies === undefined ? {} : { copies }),
  });
  const topShare = Math.max(...found.stepShares);
  const capped = Array.from(copies ?? []).filter((count) => count > mostCopies).length;
  return {
    difficulty: found.privacyLoss,
    kind: noiseMultiplier === null || clip === null ? 'heuristic' : 'estimate',
    settings: {
      alpha,
      clip: found.clip,
      gradientNoise: found.gradientNoise,
      samplingRate: trajectory!.batchSize / trajectory!.trainingSize,
      moments: trajectory!.steps.length,
      stepShares: [...found.stepShares],
    },
    notes: [
      'One training trajectory; an estimate, no certificate.',
      ...(noiseMultiplier === null
        ? ['Training added no noise: its size is nominal, so only ranks and bins are meant.']
        : []),
      'Batches are taken to be drawn independently, which shuffling is not.',
      ...(topShare > 0.5 ? [`One recorded moment carries ${Math.round(100 * topShare)} % of the sum.`] : []),
      ...(capped > 0 ? [`${capped} samples with more than ${mostCopies} copies are counted with ${mostCopies}.`] : []),
    ],
  };
}

function atFinalModel(
  { trajectory, finalModel }: DifficultySignals,
  { alpha }: z.output<typeof params>,
): DifficultyEstimate {
  const samplingRate = trajectory === undefined ? 1 : Math.min(1, trajectory.batchSize / trajectory.trainingSize);
  return {
    difficulty: finalModelPrivacyLoss(finalModel!.gradientNorm!, { order: alpha, samplingRate }),
    kind: 'weak',
    settings: { alpha, samplingRate },
    notes: [
      'Training trajectory not used: this is one step at the final weights, not a privacy loss.',
      'A memorized sample that is fitted completely has a small final gradient, so predictive power is weak.',
    ],
  };
}
