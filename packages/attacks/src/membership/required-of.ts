import type { SignalRequirement } from './requirements.js';

/** Whether a requirement is one of this target: what is read of classifiers alone is not asked of a regression. */
export function isRequiredOf(requirement: SignalRequirement, target: { readonly squaredError?: boolean }): boolean {
  if (!('of' in requirement) || requirement.of === undefined) return true;
  return (requirement.of === 'regression') === (target.squaredError === true);
}
