import type { Recipe } from '@engram/domain';
import type { Random } from '@engram/engine';
import { forward, type NetworkWeights } from '../network/forward.js';
import type { Network, NetworkWeight } from '../network/network.js';
import { differentiate, type Tensor, type Tf } from '../tensors.js';
import { slotNames, updateWeight } from './optimizer.js';

/**
 * Models that are computed together: one model, or several stacked along a leading axis. `models` is [] for one,
 * [count] for a stack; per-model tensors have that shape.
 */
export interface Unit {
  readonly models: readonly number[];
  /** Current values by state key: weights by saved name, slots by `slotKey`. */
  readonly state: Readonly<Record<string, Tensor>>;
}

export const slotKey = (weight: string, slot: string) => `${weight}|${slot}`;

/** Everything one optimizer step of a unit reads. */
export interface StepCall {
  readonly tf: Tf;
  readonly network: Network;
  readonly recipe: Recipe;
  /** (…models, batch, …input shape) */
  readonly x: Tensor;
  /** (…models, batch, classes) */
  readonly oneHot: Tensor;
  /** (…models, batch) 1 for real samples, 0 for padding. */
  readonly sampleWeights: Tensor;
  /** (…models) 0 = leave this model as it is. */
  readonly learningRate: Tensor;
  readonly corrections: readonly [Tensor, Tensor];
  /** One stream per model of the unit. */
  readonly dropout?: readonly Random[];
  readonly noise?: {
    readonly streams: readonly Random[];
    /** (…models) */
    readonly std: Tensor;
    /** (…models) largest gradient norm. */
    readonly clip: Tensor;
  };
}

/**
 * One optimizer step.
 *
 * @returns the next state, and the mean loss of the batch per model (…models).
 */
export function stepUnit(
  call: StepCall,
  unit: Unit,
): { readonly state: Record<string, Tensor>; readonly loss: Tensor } {
  const { tf, network } = call;
  const trainable = network.weights.filter((weight) => weight.trainable);
  const fixed = network.weights.filter((weight) => !weight.trainable);
  const updatedNames: string[] = [];
  const { gradients, aside } = differentiate(
    tf,
    trainable.map((weight) => unit.state[weight.savedName]!),
    (values) => {
      const weights: NetworkWeights = Object.fromEntries([
        ...trainable.map((weight, index) => [weight.savedName, values[index]!]),
        ...fixed.map((weight) => [weight.savedName, unit.state[weight.savedName]!]),
      ]);
      const updates: Tensor[] = [];
      const logits = forward(
        network,
        {
          ...trainingCall(call, unit),
          update: (name, value) => {
            updatedNames.push(name);
            updates.push(value);
          },
        },
        weights,
        call.x,
      );
      const loss = meanLoss(tf, logits, call.oneHot, call.sampleWeights);
      return { loss: tf.add(tf.sum(loss), penalties(tf, trainable, values)), aside: [loss, ...updates] };
    },
  );
  const [loss, ...updates] = aside;
  const state: Record<string, Tensor> = {};
  updatedNames.forEach((name, index) => {
    state[name] = keepInactive(call, unit.state[name]!, updates[index]!);
  });
  const clipped = call.noise === undefined ? gradients : clipGradients(call, gradients, call.noise.clip);
  trainable.forEach((weight, index) => {
    const name = weight.savedName;
    const slots = Object.fromEntries(
      slotNames(call.recipe.optimizer.kind).map((slot) => [slot, unit.state[slotKey(name, slot)]!]),
    );
    const update = {
      tf,
      recipe: call.recipe,
      corrections: call.corrections,
      learningRate: perModel(call, call.learningRate, weight.shape),
    };
    const next = updateWeight(update, unit.state[name]!, clipped[index]!, slots);
    state[name] = call.noise === undefined ? next.weight : addNoise(call, call.noise, next.weight, weight);
    for (const [slot, value] of Object.entries(next.slots)) state[slotKey(name, slot)] = value;
  });
  return { state, loss: loss! };
}

function trainingCall({ tf, sampleWeights, dropout }: StepCall, unit: Unit) {
  const lead = sampleWeights.shape;
  const uniform = (_node: number, shape: readonly number[]) => {
    if (unit.models.length === 0) return dropout![0]!.uniform(shape);
    return tf.stack(dropout!.map((stream) => stream.uniform(shape.slice(1))));
  };
  return { tf, lead, training: true, sampleWeights, uniform };
}

/** Cross-entropy of each sample (…lead), from logits. */
export function crossEntropy(tf: Tf, logits: Tensor, oneHot: Tensor): Tensor {
  return tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits, -1), oneHot), -1));
}

/** Mean loss over the real samples of each model's batch; 0 for an empty batch. */
function meanLoss(tf: Tf, logits: Tensor, oneHot: Tensor, sampleWeights: Tensor): Tensor {
  const losses = tf.mul(crossEntropy(tf, logits, oneHot), sampleWeights);
  return tf.div(tf.sum(losses, -1), tf.maximum(tf.sum(sampleWeights, -1), 1));
}

function penalties(tf: Tf, weights: readonly NetworkWeight[], values: readonly Tensor[]): Tensor {
  let total: Tensor = tf.scalar(0);
  weights.forEach(({ penalty }, index) => {
    if (penalty === undefined) return;
    if (penalty.l1 > 0) total = tf.add(total, tf.mul(tf.sum(tf.abs(values[index]!)), penalty.l1));
    if (penalty.l2 > 0) total = tf.add(total, tf.mul(tf.sum(tf.square(values[index]!)), penalty.l2));
  });
  return total;
}

/** A (…models) tensor, shaped to broadcast against weights of the given shape. */
function perModel({ tf }: StepCall, values: Tensor, weightShape: readonly number[]): Tensor {
  return values.rank === 0 ? values : tf.reshape(values, [values.shape[0]!, ...weightShape.map(() => 1)]);
}

/** The new value where the model takes this step, the old one where it does not. */
function keepInactive(call: StepCall, before: Tensor, after: Tensor): Tensor {
  const { tf } = call;
  const active = perModel(
    call,
    tf.cast(tf.greater(call.learningRate, 0), 'float32'),
    before.shape.slice(call.learningRate.rank),
  );
  return tf.add(before, tf.mul(active, tf.sub(after, before)));
}

/** Scales each model's gradient down to a norm of at most `clip`. */
function clipGradients(call: StepCall, gradients: readonly Tensor[], clip: Tensor): Tensor[] {
  const { tf } = call;
  const squares = gradients.map((gradient) => {
    const axes = gradient.shape.map((_, axis) => axis).slice(clip.rank);
    return tf.sum(tf.square(gradient), axes);
  });
  const norm = tf.sqrt(tf.addN(squares));
  const scale = tf.minimum(1, tf.div(clip, tf.maximum(norm, 1e-30)));
  return gradients.map((gradient) => tf.mul(gradient, perModel(call, scale, gradient.shape.slice(clip.rank))));
}

function addNoise(call: StepCall, noise: NonNullable<StepCall['noise']>, value: Tensor, weight: NetworkWeight): Tensor {
  const { tf } = call;
  const draws = noise.streams.map((stream) => stream.normal(weight.shape));
  const normal = call.learningRate.rank === 0 ? draws[0]! : tf.stack(draws);
  const active = tf.cast(tf.greater(call.learningRate, 0), 'float32');
  return tf.add(value, tf.mul(normal, perModel(call, tf.mul(noise.std, active), weight.shape)));
}
