import type { ReferenceSignals } from '@engram/attacks';
import type { MembershipReport } from '@engram/contract';
import type { ChosenRecipe } from '../decisions.js';

type Described = NonNullable<MembershipReport['referenceModels']>;

/**
 * What the report says of the reference models.
 *
 * @param recipe they were trained by here; null where they were given.
 */
export function describeReferences(reference: ReferenceSignals, recipe: ChosenRecipe | null): Described {
  const { models, correct, trainedOn } = reference;
  return {
    count: models,
    recipe: (recipe === null ? {} : { ...recipe.recipe }) as Described['recipe'],
    recipeFrom: recipe?.from ?? 'given',
    accuracyIn: correct === undefined ? null : shareRight(correct, trainedOn, 1),
    accuracyOut: correct === undefined ? null : shareRight(correct, trainedOn, 0),
  };
}

function shareRight(correct: Uint8Array, trainedOn: Uint8Array, side: 0 | 1): number | null {
  let right = 0;
  let total = 0;
  trainedOn.forEach((trained, at) => {
    if (trained !== side) return;
    total += 1;
    right += correct[at];
  });
  return total === 0 ? null : right / total;
}
