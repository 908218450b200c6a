import { EngramError } from '@engram/domain';
import { log1pexp, logSumExp } from '@engram/numeric';

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
  /** (m) nats: the logit-scaled confidence in the label. */
  readonly scaledConfidence: Float64Array;
  /**
   * (m, width) its gradients by the inputs, nats per unit of the input: those of the loss point the opposite way, and
   * vanish in float32 where a model is sure.
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

/** Samples as they have become, and who is asked about them. */
export interface ChangedSamples {
  readonly width: number;
  /** (n) */
  readonly labels: Int32Array;
  /** (n, width) */
  readonly changed: Float32Array;
  readonly roles: readonly SurrogateRoles[];
}

/**
 * What the models of each sample say of it.
 *
 * @param pending the samples looked at.
 * @returns for each of those the validation models' mean confidence in its label as log-odds (m), nats, and the sum of the
 *   sources' gradients (m, width).
 */
export async function lookAtSurrogates(
  { width, labels, changed, roles }: ChangedSamples,
  pending: readonly number[],
  surrogates: SurrogateModels,
): Promise<{ readonly logOdds: Float64Array; readonly gradients: Float32Array }> {
  const said: number[][] = pending.map(() => []);
  const gradients = new Float32Array(pending.length * width);
  for (let model = 0; model < surrogates.models; model += 1) {
    const asked = [...pending.keys()].filter((at) => {
      const { sources, validation } = roles[pending[at]];
      return sources.includes(model) || validation.includes(model);
    });
    if (asked.length === 0) continue;
    const rows = new Float32Array(asked.length * width);
    asked.forEach((at, k) => {
      rows.set(changed.subarray(pending[at] * width, (pending[at] + 1) * width), k * width);
    });
    const truth = Int32Array.from(asked, (at) => labels[pending[at]]);
    const answers = await surrogates.ask(model, rows, truth);
    asked.forEach((at, k) => {
      if (roles[pending[at]].validation.includes(model)) said[at].push(answers.scaledConfidence[k]);
      else for (let j = 0; j < width; j += 1) gradients[at * width + j] += answers.gradients[k * width + j];
    });
  }
  return { logOdds: Float64Array.from(said, meanAsLogOdds), gradients };
}

/** The log-odds of the mean of probabilities given by theirs, however close they are to 0 or 1. */
function meanAsLogOdds(logOdds: readonly number[]): number {
  return logSumExp(logOdds.map((each) => -log1pexp(-each))) - logSumExp(logOdds.map((each) => -log1pexp(each)));
}
