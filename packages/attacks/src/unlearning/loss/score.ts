import { momentWeights } from '../moments.js';
import type { TrainingTrajectory } from '../signals.js';

/**
 * Mean loss of each sample over training, every moment counted for the steps it stands for.
 *
 * @param trajectory with `loss`.
 * @returns (n) nats; larger = expected harder.
 */
export function averageLoss(trajectory: TrainingTrajectory): Float64Array {
  return weightedMean(trajectory, (loss) => loss);
}

/**
 * Minus the mean probability of the truth over training, the confidence proxy of consistency scores.
 *
 * @param trajectory with `loss`.
 * @returns (n) in [-1, 0]; larger = expected harder.
 * @see Jiang et al. 2021, "Characterizing Structural Regularities of Labeled Data in Overparameterized Models".
 */
export function inconsistency(trajectory: TrainingTrajectory): Float64Array {
  return weightedMean(trajectory, (loss) => -Math.exp(-loss));
}

function weightedMean({ steps, totalSteps, represents, loss }: TrainingTrajectory, of: (loss: number) => number) {
  const weights = represents ?? momentWeights(steps, totalSteps);
  const n = loss!.length / steps.length;
  const mean = new Float64Array(n);
  let total = 0;
  for (let t = 0; t < steps.length; t += 1) {
    total += weights[t];
    for (let i = 0; i < n; i += 1) mean[i] += weights[t] * of(loss![t * n + i]);
  }
  return mean.map((value) => value / total);
}
