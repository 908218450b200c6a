import type { Recipe } from '@engram/domain';

/**
 * Learning rate of a step. `cosine` and `linear` fall from the recipe's rate at step 0 towards 0 after the last step.
 *
 * @param step 0 … steps − 1
 */
export function learningRateAt(recipe: Recipe, step: number, steps: number): number {
  const rate = recipe.optimizer.learningRate;
  const done = step / steps;
  switch (recipe.schedule) {
    case 'constant':
      return rate;
    case 'cosine':
      return (rate * (1 + Math.cos(Math.PI * done))) / 2;
    case 'linear':
      return rate * (1 - done);
  }
}
