import { z } from 'zod';
import type { Tensor, Tf } from '../../tensors.js';
import { scaleShiftSquaredNorms } from '../ghost-norms.js';
import { parseInitializer } from '../initializers.js';
import {
  type Layer,
  type LayerCall,
  type LayerKind,
  type LayerWeights,
  parseConfig,
  type WeightSpec,
} from '../layer.js';

const noConstraint = z.null('weight constraints are not supported').optional();
const noPenalty = z.null('penalties on normalisation weights are not supported').optional();
const settings = (rank: number) =>
  z.looseObject({
    axis: z
      .union([
        z.number(),
        z
          .array(z.number())
          .length(1)
          .transform((axes) => axes[0]!),
      ])
      .refine((axis) => axis === -1 || axis === rank, 'only normalisation of the last axis is supported')
      .nullish(),
    epsilon: z.number().positive().default(1e-3),
    center: z.boolean().default(true),
    scale: z.boolean().default(true),
    gamma_initializer: z.unknown().optional(),
    beta_initializer: z.unknown().optional(),
    gamma_constraint: noConstraint,
    beta_constraint: noConstraint,
    gamma_regularizer: noPenalty,
    beta_regularizer: noPenalty,
  });
type Settings = z.infer<ReturnType<typeof settings>>;

function scaleAndShift(given: Settings, channels: number, name: string): WeightSpec[] {
  const weights: WeightSpec[] = [];
  if (given.scale)
    weights.push({
      name: 'gamma',
      shape: [channels],
      initializer: parseInitializer(given.gamma_initializer, 'Ones', name),
      trainable: true,
    });
  if (given.center)
    weights.push({
      name: 'beta',
      shape: [channels],
      initializer: parseInitializer(given.beta_initializer, 'Zeros', name),
      trainable: true,
    });
  return weights;
}

/** Per-channel values (channels), or (models, channels) when stacked, ready to meet (…lead, …, channels). */
function broadcast(tf: Tf, values: Tensor, lead: readonly number[], rank: number): Tensor {
  return lead.length === 1
    ? values
    : tf.reshape(values, [lead[0]!, ...Array<number>(rank).fill(1), values.shape.at(-1)!]);
}

function applyScale(call: LayerCall, normalised: Tensor, { gamma, beta }: LayerWeights, rank: number): Tensor {
  const { tf, lead } = call;
  const scaled = gamma === undefined ? normalised : tf.mul(normalised, broadcast(tf, gamma, lead, rank));
  return beta === undefined ? scaled : tf.add(scaled, broadcast(tf, beta, lead, rank));
}

/**
 * Batch normalisation over the last axis. In training, batch statistics (population variance) weighted by the sample
 * weights, so that padding of a short batch does not enter them; moving statistics follow with the saved momentum.
 */
export const batchNormalization: LayerKind = {
  className: 'BatchNormalization',
  build: (config, [shape], name) => {
    const rank = shape!.length;
    const given = parseConfig(
      settings(rank).extend({
        momentum: z.number().min(0).max(1).default(0.99),
        moving_mean_initializer: z.unknown().optional(),
        moving_variance_initializer: z.unknown().optional(),
      }),
      config,
      'BatchNormalization',
      name,
    );
    const channels = shape!.at(-1)!;
    const normalise = ({ tf, lead }: LayerCall, x: Tensor, mean: Tensor, variance: Tensor) =>
      tf.mul(
        tf.sub(x, broadcast(tf, mean, lead, rank)),
        tf.rsqrt(tf.add(broadcast(tf, variance, lead, rank), given.epsilon)),
      );
    const layer: Layer = {
      outputShape: shape!,
      stackable: true,
      weights: [
        ...scaleAndShift(given, channels, name),
        {
          name: 'moving_mean',
          shape: [channels],
          initializer: parseInitializer(given.moving_mean_initializer, 'Zeros', name),
          trainable: false,
        },
        {
          name: 'moving_variance',
          shape: [channels],
          initializer: parseInitializer(given.moving_variance_initializer, 'Ones', name),
          trainable: false,
        },
      ],
      forward: (call, [x], weights) => {
        const { moving_mean: movingMean, moving_variance: movingVariance } = weights;
        if (!call.training) return applyScale(call, normalise(call, x!, movingMean!, movingVariance!), weights, rank);
        const { mean, variance } = batchMoments(call, x!);
        const { tf } = call;
        const follow = (moving: Tensor, now: Tensor) =>
          tf.add(tf.mul(moving, given.momentum), tf.mul(now, 1 - given.momentum));
        call.update('moving_mean', follow(movingMean!, mean));
        call.update('moving_variance', follow(movingVariance!, variance));
        return applyScale(call, normalise(call, x!, mean, variance), weights, rank);
      },
      squaredGradientNorms: (call, [x], { moving_mean: mean, moving_variance: variance }, gradient) =>
        scaleShiftSquaredNorms(call, normalise(call, x!, mean!, variance!), gradient, {
          scale: given.scale,
          shift: given.center,
        }),
    };
    return layer;
  },
};

/** Mean and population variance per channel over real samples: (channels), or (models, channels) when stacked. */
function batchMoments({ tf, lead, sampleWeights }: LayerCall, x: Tensor): { mean: Tensor; variance: Tensor } {
  const channels = x.shape.at(-1)!;
  const models = lead.slice(0, -1);
  const samples = lead.at(-1)!;
  const rows = tf.reshape(x, [...models, samples, -1, channels]);
  const axes = [models.length, models.length + 1];
  const weight = tf.reshape(sampleWeights ?? tf.ones([...lead]), [...models, samples, 1, 1]);
  const positions = rows.shape[models.length + 1]!;
  const count = tf.maximum(tf.mul(tf.sum(weight, axes, true), positions), 1);
  const mean = tf.div(tf.sum(tf.mul(rows, weight), axes, true), count);
  const variance = tf.div(tf.sum(tf.mul(tf.square(tf.sub(rows, mean)), weight), axes, true), count);
  return { mean: tf.reshape(mean, [...models, channels]), variance: tf.reshape(variance, [...models, channels]) };
}

export const layerNormalization: LayerKind = {
  className: 'LayerNormalization',
  build: (config, [shape], name) => {
    const rank = shape!.length;
    const given = parseConfig(settings(rank), config, 'LayerNormalization', name);
    const normalise = (tf: Tf, x: Tensor) => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), given.epsilon)));
    };
    return {
      outputShape: shape!,
      stackable: true,
      weights: scaleAndShift(given, shape!.at(-1)!, name),
      forward: (call, [x], weights) => applyScale(call, normalise(call.tf, x!), weights, rank),
      squaredGradientNorms: (call, [x], _weights, gradient) =>
        scaleShiftSquaredNorms(call, normalise(call.tf, x!), gradient, { scale: given.scale, shift: given.center }),
    };
  },
};
