import type { Random } from '@engram/engine';
import { forward, type NetworkWeights } from '../network/forward.js';
import type { Network, NetworkWeight } from '../network/network.js';
import { differentiate, type Tensor, type Tf } from '../tensors.js';
import { applyGradients, type GradientStep, isActive, perModel, type TrainedWeight } from './apply-gradients.js';
import { sampleLosses } from './sample-losses.js';

/**
 * Models that are computed together: one model, or several stacked along a leading axis. `models` is [] for one,
 * [count] for a stack; per-model tensors have that shape.
 */
export interface Unit {
  readonly models: readonly number[];
  /** Current values of weights by saved name, and of the optimizer's slots. */
  readonly state: Readonly<Record<string, Tensor>>;
}

/** Everything one optimizer step of a unit reads. */
export interface StepCall extends GradientStep {
  readonly network: Network;
  /** (…models, batch, …input shape) */
  readonly x: Tensor;
  /** (…models, batch, outputs): classes as one-hot rows, or targets. */
  readonly truth: Tensor;
  /** (…models, batch) 1 for real samples, 0 for padding. */
  readonly sampleWeights: Tensor;
  /** One stream per model of the unit. */
  readonly dropout?: readonly Random[];
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
      const outputs = forward(
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
      const loss = meanLoss(call, outputs);
      return { loss: tf.add(tf.sum(loss), penalties(tf, trainable, values)), aside: [loss, ...updates] };
    },
  );
  const [loss, ...updates] = aside;
  const state = applyGradients(call, trainedWeights(network), gradients, unit.state);
  updatedNames.forEach((name, index) => {
    const before = unit.state[name]!;
    const active = perModel(tf, isActive(call), before.shape.slice(unit.models.length));
    state[name] = tf.add(before, tf.mul(active, tf.sub(updates[index]!, before)));
  });
  return { state, loss: loss! };
}

/** The weights of a network that are trained; weight decay applies to all of them. */
export function trainedWeights(network: Network): TrainedWeight[] {
  return network.weights
    .filter((weight) => weight.trainable)
    .map(({ savedName, shape }) => ({ name: savedName, shape, decays: true }));
}

function trainingCall({ tf, sampleWeights, dropout }: StepCall, unit: Unit) {
  const lead = sampleWeights.shape;
  const uniform = (_node: number, shape: readonly number[]) => {
    if (unit.models.length === 0) return dropout![0]!.uniform(shape);
    return tf.stack(dropout!.map((stream) => stream.uniform(shape.slice(1))));
  };
  return { tf, lead, training: true, sampleWeights, uniform };
}

/** Mean loss over the real samples of each model's batch; 0 for an empty batch. */
function meanLoss({ tf, network, truth, sampleWeights }: StepCall, outputs: Tensor): Tensor {
  const losses = tf.mul(sampleLosses(tf, network.task, outputs, truth), sampleWeights);
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
