import { EngramError } from '@engram/domain';
import type { BatchPlan } from './batch-plan.js';

/**
 * Mean loss of each epoch, weighted by what each step counted: samples, or tokens.
 *
 * @throws ENG_VALUES_NOT_FINITE from `add` when training has diverged.
 */
export function lossTrace(plan: BatchPlan) {
  const epochs = Math.ceil(plan.steps / plan.stepsPerEpoch);
  const sums = new Float64Array(epochs);
  const counts = new Float64Array(epochs);
  return {
    add(step: number, loss: number, count: number) {
      if (step >= plan.steps) return;
      if (!Number.isFinite(loss))
        throw new EngramError(
          'ENG_VALUES_NOT_FINITE',
          `training diverged: the loss of step ${step} of ${plan.steps} is ${loss}`,
          {
            remedy:
              'Check that the recipe is the one the target was trained by; a smaller learning rate usually helps.',
            details: { step, steps: plan.steps },
          },
        );
      const epoch = Math.floor(step / plan.stepsPerEpoch);
      sums[epoch]! += loss * count;
      counts[epoch]! += count;
    },
    means: () => sums.map((sum, epoch) => sum / counts[epoch]!),
  };
}
