import type { Recipe } from '@engram/domain';
import { adam, adamw, momentum, type Random, type StateSpec, sgd, type UpdateRule } from '@engram/engine';
import type { Tensor, Tf } from '../tensors.js';

/** As TensorFlow.js and Keras add it to the root of Adam's second moment. */
const adamEpsilon = 1e-7;

/** A weight that is trained. Shapes are of one model. */
export interface TrainedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether the recipe's weight decay applies to it. */
  readonly decays: boolean;
}

/** Noise and clipping of one step; per-model tensors have shape (…models): () for one model, (count) for a stack. */
export interface GradientNoise {
  /** One stream per model. */
  readonly streams: readonly Random[];
  readonly std: Tensor;
  /** Largest norm of a model's gradient over all its weights. */
  readonly clip: Tensor;
}

export interface GradientStep {
  readonly tf: Tf;
  readonly recipe: Recipe;
  /** (…models) 0 = leave this model's weights as they are. */
  readonly learningRate: Tensor;
  readonly noise?: GradientNoise;
}

/** The update rule of a recipe. L2 decay is part of the gradient, except for adamw, which shrinks the weight itself. */
function ruleOf({ optimizer, weightDecay }: Recipe, decays: boolean): UpdateRule {
  const decay = { weightDecay: decays ? weightDecay : 0 };
  switch (optimizer.kind) {
    case 'sgd':
      return sgd(decay);
    case 'momentum':
      return momentum({ momentum: optimizer.momentum ?? 0.9, ...decay });
    case 'adam':
      return adam({ epsilon: adamEpsilon, ...decay });
    case 'adamw':
      return adamw({ epsilon: adamEpsilon, ...decay });
  }
}

/** Variables the optimizer keeps beside the weights. `stack` is [] or [models]. */
export function slotState(
  recipe: Recipe,
  weights: readonly TrainedWeight[],
  stack: readonly number[],
): Record<string, StateSpec> {
  const params = weights.map(
    ({ name, shape }) => [name, { shape: [...stack, ...shape], dtype: 'float32' as const }] as const,
  );
  return { ...ruleOf(recipe, true).slots(Object.fromEntries(params)) };
}

/**
 * One optimizer step: gradients clipped to a norm, weight decay, the update rule, noise on the new weights.
 *
 * @param gradients in the order of `weights`, each (…models, …shape).
 * @param state weights and slots by name.
 * @returns the next weights and slots.
 */
export function applyGradients(
  step: GradientStep,
  weights: readonly TrainedWeight[],
  gradients: readonly Tensor[],
  state: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  const { tf, noise } = step;
  const clipped = noise === undefined ? gradients : clipGradients(tf, gradients, noise.clip);
  const next: Record<string, Tensor> = {};
  weights.forEach(({ name, shape, decays }, index) => {
    // Weight by weight: the rate of each model must stand before the axes of the weight.
    const updated = ruleOf(step.recipe, decays).update(tf, {
      params: { [name]: state[name]! },
      grads: { [name]: clipped[index]! },
      slots: state,
      learningRate: perModel(tf, step.learningRate, shape),
    });
    Object.assign(next, updated.slots, { [name]: noisy(step, updated.params[name]!, shape) });
  });
  return next;
}

/** A (…models) tensor, shaped to broadcast against (…models, …shape). */
export function perModel(tf: Tf, values: Tensor, shape: readonly number[]): Tensor {
  return values.rank === 0 ? values : tf.reshape(values, [values.shape[0]!, ...shape.map(() => 1)]);
}

/** 1 where a model takes this step, 0 where it does not: (…models). */
export function isActive({ tf, learningRate }: Pick<GradientStep, 'tf' | 'learningRate'>): Tensor {
  return tf.cast(tf.greater(learningRate, 0), 'float32');
}

/** Scales each model's gradient down to a norm of at most `clip`. */
function clipGradients(tf: Tf, gradients: readonly Tensor[], clip: Tensor): Tensor[] {
  const squares = gradients.map((gradient) => {
    const axes = gradient.shape.map((_, axis) => axis).slice(clip.rank);
    return tf.sum(tf.square(gradient), axes);
  });
  const norm = tf.sqrt(tf.addN(squares));
  const scale = tf.minimum(1, tf.div(clip, tf.maximum(norm, 1e-30)));
  return gradients.map((gradient) => tf.mul(gradient, perModel(tf, scale, gradient.shape.slice(clip.rank))));
}

function noisy(step: GradientStep, value: Tensor, shape: readonly number[]): Tensor {
  const { tf, noise } = step;
  if (noise === undefined) return value;
  const draws = noise.streams.map((stream) => stream.normal(shape));
  const normal = step.learningRate.rank === 0 ? draws[0]! : tf.stack(draws);
  return tf.add(value, tf.mul(normal, perModel(tf, tf.mul(noise.std, isActive(step)), shape)));
}
