import { EngramError } from '@engram/domain';

/** Reference models a sample is changed against: their weights are known, and the target is not asked. */
export interface SurrogateModels {
  readonly models: number;
  /** Whether a model did not train on a sample; `sample` is its number among all. */
  readonly isUnseen: (model: number, sample: number) => boolean;
  /**
   * What one model makes of rows.
   *
   * @param rows (m, width) laid out flat; used again afterwards.
   * @param labels (m)
   */
  readonly ask: (model: number, rows: Float32Array, labels: Int32Array) => Promise<SurrogateAnswers>;
}

export interface SurrogateAnswers {
  /** (m) the probability of the label. */
  readonly confidence: Float64Array;
  /**
   * (m, width) gradients by the inputs of the logit-scaled confidence in the label, nats per unit of the input: those of
   * the loss point the opposite way, and vanish in float32 where a model is sure.
   */
  readonly gradients: Float32Array;
}

/** The models of one sample: the sources say which way to go, the validation models when it is far enough. */
export interface SurrogateRoles {
  readonly sources: readonly number[];
  readonly validation: readonly number[];
}

/** Models used for a sample at most: nine sources and three validation models. */
export const mostSurrogates = 12;
/** Fewer that did not train on a sample are too few: three sources and one validation model. */
export const fewestSurrogates = 4;

/**
 * Which models play which part for a sample: of those that did not train on it the first {@link mostSurrogates} in their
 * order, the last quarter of them to validate.
 *
 * @param sample its number among all.
 * @throws ENG_ATTACK_NOT_APPLICABLE fewer than {@link fewestSurrogates} did not train on it.
 */
export function surrogateRoles({ models, isUnseen }: SurrogateModels, sample: number): SurrogateRoles {
  const unseen: number[] = [];
  for (let model = 0; model < models && unseen.length < mostSurrogates; model += 1)
    if (isUnseen(model, sample)) unseen.push(model);
  if (unseen.length < fewestSurrogates)
    throw new EngramError(
      'ENG_ATTACK_NOT_APPLICABLE',
      `expected at least ${fewestSurrogates} reference models trained without each sample, got ${unseen.length} for sample ${sample}`,
      { remedy: 'Give reference models that were trained on none of the samples, or on random halves of them.' },
    );
  const sources = unseen.length - Math.max(1, Math.round(unseen.length / 4));
  return { sources: unseen.slice(0, sources), validation: unseen.slice(sources) };
}
