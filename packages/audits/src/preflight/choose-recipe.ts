import { recipeOf, recipe as recipeSchema } from '@engram/models';
import type { ChosenRecipe } from '../decisions.js';
import type { ResolvedAudit } from '../resources.js';

/** The recipe references are trained by: the request's, else the one the model came with, else the defaults. */
export function chooseRecipe(audit: ResolvedAudit): ChosenRecipe {
  const task = audit.model?.inspected.task ?? 'classification';
  const asked = audit.request.tests.membership?.referenceModels.recipe;
  if (asked !== undefined) return { recipe: recipeOf(asked, task), from: 'request' };
  const training = audit.model?.manifest.training;
  if (training !== undefined && training !== null)
    return { recipe: recipeOf(training as unknown as Parameters<typeof recipeOf>[0], task), from: 'manifest' };
  return { recipe: recipeOf(recipeSchema.parse({}), task), from: 'default' };
}
