import { z } from 'zod';
import { linearSquaredNorms } from '../ghost-norms.js';
import { parseInitializer, sizeOf } from '../initializers.js';
import { type Layer, type LayerKind, parseConfig, type WeightSpec } from '../layer.js';
import { activationLayer, activationSetting } from './activation.js';
import { penaltyOf, penaltySettings } from './penalty.js';

const settings = z.looseObject({
  units: z.number().int().positive(),
  use_bias: z.boolean().default(true),
  activation: activationSetting,
  kernel_initializer: z.unknown().optional(),
  bias_initializer: z.unknown().optional(),
  ...penaltySettings,
});

/** A linear map of the last axis; further axes are positions sharing it. */
export const dense: LayerKind = {
  className: 'Dense',
  build: (config, [shape], name) => {
    const given = parseConfig(settings, config, 'Dense', name);
    const width = shape!.at(-1)!;
    const outputShape = [...shape!.slice(0, -1), given.units];
    const positions = sizeOf(shape!.slice(0, -1));
    const weights: WeightSpec[] = [
      {
        name: 'kernel',
        shape: [width, given.units],
        initializer: parseInitializer(given.kernel_initializer, 'GlorotNormal', name),
        trainable: true,
        ...penaltyOf(given.kernel_regularizer),
      },
    ];
    if (given.use_bias) {
      weights.push({
        name: 'bias',
        shape: [given.units],
        initializer: parseInitializer(given.bias_initializer, 'Zeros', name),
        trainable: true,
        ...penaltyOf(given.bias_regularizer),
      });
    }
    const layer: Layer = {
      outputShape,
      weights,
      stackable: true,
      ...(shape!.length === 1 ? { linear: { bias: given.use_bias } } : {}),
      forward: ({ tf, lead }, [x], { kernel, bias }) => {
        const rows = lead.at(-1)! * positions;
        const models = lead.slice(0, -1);
        // (models, rows, width) × (models, width, units); without models, plain matrices.
        const product = tf.matMul(tf.reshape(x!, [...models, rows, width]), kernel!);
        const sum =
          bias === undefined
            ? product
            : tf.add(product, models.length === 0 ? bias : tf.reshape(bias, [...models, 1, given.units]));
        return tf.reshape(sum, [...lead, ...outputShape]);
      },
      squaredGradientNorms: (call, [x], _weights, gradient) =>
        linearSquaredNorms(
          call,
          call.tf.reshape(x!, [...call.lead, positions, width]),
          call.tf.reshape(gradient, [...call.lead, positions, given.units]),
          given.use_bias,
        ),
    };
    return [
      { part: '', layer },
      { part: 'activation', layer: activationLayer(given.activation, outputShape) },
    ];
  },
};
