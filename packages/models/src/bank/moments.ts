import type { BatchPlan } from './batch-plan.js';
import type { Moments } from './request.js';

/** The steps at which a model is looked at. Moments beyond its last step fall on the last: its weights no longer change. */
export function momentsOf(moments: Moments | undefined, plan: BatchPlan): ReadonlySet<number> {
  if (moments === undefined) return new Set();
  if (moments === 'end') return new Set([plan.steps]);
  if (moments !== 'epochs') return new Set(moments.map((step) => Math.min(step, plan.steps)));
  const epochs = Math.ceil(plan.steps / plan.stepsPerEpoch);
  return new Set(Array.from({ length: epochs }, (_, epoch) => Math.min((epoch + 1) * plan.stepsPerEpoch, plan.steps)));
}
