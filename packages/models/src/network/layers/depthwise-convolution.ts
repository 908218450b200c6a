import { z } from 'zod';
import type { Tensor4D } from '../../tensors.js';
import { parseInitializer, sizeOf } from '../initializers.js';
import { type Layer, type LayerKind, type NamedLayer, parseConfig } from '../layer.js';
import { activationLayer, activationSetting } from './activation.js';
import { conv2d } from './convolution.js';
import { penaltyOf, penaltySettings } from './penalty.js';
import {
  channelsLast,
  type Padding,
  type Pair,
  paddingSetting,
  patches,
  windowCount,
  windowSetting,
} from './windows.js';

const windowSettings = {
  kernel_size: windowSetting(2),
  strides: windowSetting(2, 1),
  dilation_rate: windowSetting(2, 1).refine(
    (rate) => rate[0] === 1 && rate[1] === 1,
    'dilated depthwise convolutions are not supported',
  ),
  padding: paddingSetting,
  data_format: channelsLast,
  depth_multiplier: z
    .number()
    .int()
    .positive()
    .nullish()
    .transform((value) => value ?? 1),
  use_bias: z.boolean().default(true),
  activation: activationSetting,
  depthwise_initializer: z.unknown().optional(),
  depthwise_constraint: z.null('weight constraints are not supported').optional(),
  depthwise_regularizer: penaltySettings.kernel_regularizer,
  bias_initializer: z.unknown().optional(),
  ...penaltySettings,
};

interface Depthwise {
  readonly size: Pair;
  readonly strides: Pair;
  readonly dilation: Pair;
  readonly padding: Padding;
  readonly multiplier: number;
}

/** One filter bank per channel: kernel (h, w, channels, multiplier), output channels = channels × multiplier. */
export const depthwiseConv2d: LayerKind = {
  className: 'DepthwiseConv2D',
  build: (config, [shape], name) => {
    const given = parseConfig(z.looseObject(windowSettings), config, 'DepthwiseConv2D', name);
    const layer = depthwise(shape!, given, name, given.use_bias);
    return [
      { part: '', layer },
      { part: 'activation', layer: activationLayer(given.activation, layer.outputShape) },
    ];
  },
};

/** A depthwise convolution, then a 1 × 1 convolution: two layers here, so that each has its own gradient norms. */
export const separableConv2d: LayerKind = {
  className: 'SeparableConv2D',
  build: (config, [shape], name) => {
    const given = parseConfig(
      z.looseObject({
        ...windowSettings,
        filters: z.number().int().positive(),
        pointwise_initializer: z.unknown().optional(),
        pointwise_regularizer: penaltySettings.kernel_regularizer,
        pointwise_constraint: z.null('weight constraints are not supported').optional(),
      }),
      config,
      'SeparableConv2D',
      name,
    );
    const first = depthwise(shape!, given, name, false);
    const second = conv2d.build(
      {
        filters: given.filters,
        kernel_size: 1,
        use_bias: given.use_bias,
        activation: given.activation,
        kernel_initializer: given.pointwise_initializer,
        bias_initializer: given.bias_initializer,
        kernel_regularizer: given.pointwise_regularizer,
        bias_regularizer: given.bias_regularizer,
      },
      [first.outputShape],
      name,
    ) as readonly NamedLayer[];
    return [
      { part: 'depthwise', layer: first },
      ...second.map((each) => (each.part === '' ? { ...each, layer: renameKernel(each.layer) } : each)),
    ];
  },
};

/** Keras calls the second kernel of a separable convolution `pointwise_kernel`. */
function renameKernel(layer: Layer): Layer {
  return {
    ...layer,
    weights: layer.weights.map((weight) =>
      weight.name === 'kernel' ? { ...weight, name: 'pointwise_kernel' } : weight,
    ),
    forward: (call, inputs, { pointwise_kernel: kernel, ...rest }) =>
      layer.forward(call, inputs, { ...rest, kernel: kernel! }),
  };
}

function depthwise(
  shape: readonly number[],
  given: z.infer<z.ZodObject<typeof windowSettings>>,
  name: string,
  useBias: boolean,
): Layer {
  const windows: Depthwise = {
    size: given.kernel_size,
    strides: given.strides,
    dilation: given.dilation_rate,
    padding: given.padding,
    multiplier: given.depth_multiplier,
  };
  const [height, width, channels] = shape as [number, number, number];
  const counts = [height, width].map((size, axis) =>
    windowCount(size, windows.size[axis]!, windows.strides[axis]!, windows.dilation[axis]!, windows.padding),
  );
  const outputs = channels * windows.multiplier;
  return {
    outputShape: [...counts, outputs],
    weights: [
      {
        name: 'depthwise_kernel',
        shape: [...windows.size, channels, windows.multiplier],
        initializer: parseInitializer(given.depthwise_initializer, 'GlorotNormal', name),
        trainable: true,
        ...penaltyOf(given.depthwise_regularizer),
      },
      ...(useBias
        ? [
            {
              name: 'bias',
              shape: [outputs],
              initializer: parseInitializer(given.bias_initializer, 'Zeros', name),
              trainable: true,
              ...penaltyOf(given.bias_regularizer),
            },
          ]
        : []),
    ],
    stackable: false,
    forward: ({ tf }, [x], { depthwise_kernel: kernel, bias }) => {
      const product = tf.depthwiseConv2d(
        x as Tensor4D,
        kernel as Tensor4D,
        [...windows.strides] as [number, number],
        windows.padding,
      );
      return bias === undefined ? product : tf.add(product, bias);
    },
    squaredGradientNorms: ({ tf, lead }, [x], _weights, gradient) => {
      const samples = lead[0]!;
      const positions = sizeOf(counts);
      // Per sample and channel: (window, positions) × (positions, multiplier).
      const a = tf.reshape(patches(tf, x!, windows), [samples, positions, sizeOf(windows.size), channels]);
      const b = tf.reshape(gradient, [samples, positions, channels, windows.multiplier]);
      const product = tf.matMul(tf.transpose(a, [0, 3, 2, 1]), tf.transpose(b, [0, 2, 1, 3]));
      const kernel = tf.sum(tf.square(product), [1, 2, 3]);
      return useBias ? tf.add(kernel, tf.sum(tf.square(tf.sum(b, 1)), [1, 2])) : kernel;
    },
  };
}
