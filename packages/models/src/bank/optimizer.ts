import type { Recipe } from '@engram/domain';
import type { Tensor, Tf } from '../tensors.js';

/** Added to the root of Adam's second moment, as TensorFlow.js and Keras do. */
const epsilon = 1e-7;
const beta1 = 0.9;
const beta2 = 0.999;

/** Names of the slots a weight has beside its value. */
export function slotNames(kind: Recipe['optimizer']['kind']): readonly string[] {
  if (kind === 'sgd') return [];
  return kind === 'momentum' ? ['velocity'] : ['first', 'second'];
}

/**
 * Reciprocals of Adam's bias corrections for a step: 1 / (1 − β₁ᵗ), 1 / (1 − β₂ᵗ) with t = step + 1. Computed outside the
 * graph, in float64, so that the graph holds no step counter.
 */
export function biasCorrections(step: number): readonly [number, number] {
  return [1 / (1 - beta1 ** (step + 1)), 1 / (1 - beta2 ** (step + 1))];
}

export interface UpdateCall {
  readonly tf: Tf;
  readonly recipe: Recipe;
  /** Broadcasts against the weight. A rate of 0 leaves the weight as it is. */
  readonly learningRate: Tensor;
  /** Two scalars of {@link biasCorrections}. */
  readonly corrections: readonly [Tensor, Tensor];
}

export interface Updated {
  readonly weight: Tensor;
  readonly slots: Readonly<Record<string, Tensor>>;
}

/**
 * One optimizer step of one weight. Weight decay is part of the gradient (L2), except for adamw, where it is decoupled:
 * the weight shrinks by rate × decay.
 *
 * @see Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2 with a constant schedule multiplier.
 */
export function updateWeight(
  call: UpdateCall,
  weight: Tensor,
  gradient: Tensor,
  slots: Readonly<Record<string, Tensor>>,
): Updated {
  const { tf, recipe, learningRate } = call;
  const { kind, momentum = 0.9 } = recipe.optimizer;
  const decay = recipe.weightDecay;
  const full = decay > 0 && kind !== 'adamw' ? tf.add(gradient, tf.mul(weight, decay)) : gradient;
  const descend = (direction: Tensor, from = weight) => tf.sub(from, tf.mul(direction, learningRate));
  if (kind === 'sgd') return { weight: descend(full), slots: {} };
  if (kind === 'momentum') {
    const velocity = tf.add(tf.mul(slots.velocity!, momentum), full);
    return { weight: descend(velocity), slots: { velocity } };
  }
  const first = tf.add(tf.mul(slots.first!, beta1), tf.mul(full, 1 - beta1));
  const second = tf.add(tf.mul(slots.second!, beta2), tf.mul(tf.square(full), 1 - beta2));
  const direction = tf.div(
    tf.mul(first, call.corrections[0]),
    tf.add(tf.sqrt(tf.mul(second, call.corrections[1])), epsilon),
  );
  const shrunk = kind === 'adamw' && decay > 0 ? tf.mul(weight, tf.sub(1, tf.mul(learningRate, decay))) : weight;
  return { weight: descend(direction, shrunk), slots: { first, second } };
}
