import type { SurrogateModels } from './surrogate-models.js';

/** One logistic regression: class 1 where weights · x + bias is above 0. */
export interface LinearModel {
  readonly weights: readonly number[];
  readonly bias: number;
}

/** The logit of class 1. */
export function logitOf({ weights, bias }: LinearModel, row: ArrayLike<number>): number {
  return weights.reduce((sum, weight, j) => sum + weight * row[j], bias);
}

/** Logistic regressions as reference models for tests; no sample is of any one's training unless it is said to be. */
export function linearSurrogates(
  models: readonly LinearModel[],
  isUnseen: SurrogateModels['isUnseen'] = () => true,
): SurrogateModels & { readonly asked: { model: number; rows: number }[] } {
  const asked: { model: number; rows: number }[] = [];
  return {
    models: models.length,
    isUnseen,
    asked,
    ask: async (number, rows, labels) => {
      const { weights } = models[number];
      const width = weights.length;
      asked.push({ model: number, rows: labels.length });
      const sign = (i: number) => 2 * labels[i] - 1;
      return {
        scaledConfidence: Float64Array.from(
          labels,
          (_, i) => sign(i) * logitOf(models[number], rows.subarray(i * width, (i + 1) * width)),
        ),
        gradients: Float32Array.from(
          { length: labels.length * width },
          (_, at) => sign(Math.floor(at / width)) * weights[at % width],
        ),
      };
    },
  };
}
