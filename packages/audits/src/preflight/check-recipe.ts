import { augmentationFault } from '@engram/models';
import type { ResolvedAudit } from '../resources.js';
import type { Faults } from './faults.js';

/** Whether models like the audited one can be trained by the request's recipe. That of a manifest was checked with it. */
export function checkRecipe({ request, model }: ResolvedAudit, faults: Faults): void {
  const asked = request.tests.membership?.referenceModels.recipe;
  if (asked === undefined || model === undefined) return;
  const fault = augmentationFault(asked.augmentation, model.inspected);
  if (fault !== undefined)
    faults.add(
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/membership/referenceModels/recipe/augmentation',
      fault,
      'Leave augmentation empty, or audit a model that takes images.',
    );
}
