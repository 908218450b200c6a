import { drawnForms } from '@engram/models';
import type { ResolvedAudit } from '../../resources.js';
import { chooseRecipe } from '../choose-recipe.js';

/** How many of the augmented forms queries ask about, in their order, the training recipe draws from: 1, 2 or 18. */
export function trainedForms(audit: ResolvedAudit): number {
  const drawn = drawnForms(chooseRecipe(audit).recipe.augmentation);
  const missing = drawn.findIndex((form, place) => form !== place);
  return missing < 0 ? drawn.length : missing;
}

/** What is to be said of questions about forms that training did not show. */
export function noticesOfForms(queries: number, audit: ResolvedAudit): string[] {
  if (queries <= trainedForms(audit)) return [];
  const { augmentation } = chooseRecipe(audit).recipe;
  const named = augmentation.length === 0 ? 'names no augmentation' : `augments by ${augmentation.join(' and ')} alone`;
  return [
    `Attacks ask about ${queries} augmented forms of the samples, and the training recipe ${named}: forms a model was not trained on say little more than the sample itself.`,
  ];
}
