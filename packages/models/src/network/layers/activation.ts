import { z } from 'zod';
import type { Tensor, Tf } from '../../tensors.js';
import { type Layer, type LayerKind, parseConfig } from '../layer.js';

const functions = {
  linear: (_tf: Tf, x: Tensor) => x,
  relu: (tf: Tf, x: Tensor) => tf.relu(x),
  relu6: (tf: Tf, x: Tensor) => tf.clipByValue(x, 0, 6),
  elu: (tf: Tf, x: Tensor) => tf.elu(x),
  selu: (tf: Tf, x: Tensor) => tf.selu(x),
  sigmoid: (tf: Tf, x: Tensor) => tf.sigmoid(x),
  hard_sigmoid: (tf: Tf, x: Tensor) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1),
  tanh: (tf: Tf, x: Tensor) => tf.tanh(x),
  softplus: (tf: Tf, x: Tensor) => tf.softplus(x),
  softsign: (tf: Tf, x: Tensor) => tf.div(x, tf.add(tf.abs(x), 1)),
  swish: (tf: Tf, x: Tensor) => tf.mul(x, tf.sigmoid(x)),
  silu: (tf: Tf, x: Tensor) => tf.mul(x, tf.sigmoid(x)),
  mish: (tf: Tf, x: Tensor) => tf.mul(x, tf.tanh(tf.softplus(x))),
  // x Φ(x), exactly.
  gelu: (tf: Tf, x: Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1)),
  softmax: (tf: Tf, x: Tensor) => tf.softmax(x, -1),
} as const;

export type ActivationName = keyof typeof functions;
const names = Object.keys(functions) as [ActivationName, ...ActivationName[]];

/** The `activation` setting many layers carry. */
export const activationSetting = z
  .enum(names)
  .nullish()
  .transform((name) => name ?? 'linear');

export function activationLayer(
  name: ActivationName,
  shape: readonly number[],
): Layer & { readonly activation: ActivationName } {
  return {
    activation: name,
    outputShape: shape,
    weights: [],
    stackable: true,
    forward: ({ tf }, [x]) => functions[name](tf, x!),
  };
}

const elementwise = (className: string, schema: z.ZodType<(tf: Tf, x: Tensor) => Tensor>): LayerKind => ({
  className,
  build: (config, [shape], name) => {
    const apply = parseConfig(schema, config, className, name);
    return { outputShape: shape!, weights: [], stackable: true, forward: ({ tf }, [x]) => apply(tf, x!) };
  },
});

export const activation: LayerKind = {
  className: 'Activation',
  build: (config, [shape], name) => {
    const settings = parseConfig(z.looseObject({ activation: activationSetting }), config, 'Activation', name);
    return activationLayer(settings.activation, shape!);
  },
};

/** Softmax over the last axis; the last layer's is left out so that the loss is taken from logits. */
export const softmax: LayerKind = {
  className: 'Softmax',
  build: (config, [shape], name) => {
    parseConfig(
      z.looseObject({ axis: z.union([z.literal(-1), z.literal(shape!.length)]).nullish() }),
      config,
      'Softmax',
      name,
    );
    return activationLayer('softmax', shape!);
  },
};

export const relu = elementwise(
  'ReLU',
  z.looseObject({ max_value: z.number().nullish() }).transform(
    ({ max_value: highest }) =>
      (tf: Tf, x: Tensor) =>
        highest === null || highest === undefined ? tf.relu(x) : tf.clipByValue(x, 0, highest),
  ),
);

export const leakyRelu = elementwise(
  'LeakyReLU',
  z.looseObject({ alpha: z.number().nullish(), negative_slope: z.number().nullish() }).transform(
    ({ alpha, negative_slope: slope }) =>
      (tf: Tf, x: Tensor) =>
        tf.leakyRelu(x, alpha ?? slope ?? 0.3),
  ),
);

export const elu = elementwise(
  'ELU',
  z.looseObject({ alpha: z.literal(1).nullish() }).transform(() => (tf: Tf, x: Tensor) => tf.elu(x)),
);

export const rescaling = elementwise(
  'Rescaling',
  z.looseObject({ scale: z.number(), offset: z.number().default(0) }).transform(
    ({ scale, offset }) =>
      (tf: Tf, x: Tensor) =>
        tf.add(tf.mul(x, scale), offset),
  ),
);
