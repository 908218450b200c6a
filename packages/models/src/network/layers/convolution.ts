import { z } from 'zod';
import type { Tensor, Tensor4D, Tf } from '../../tensors.js';
import { linearSquaredNorms } from '../ghost-norms.js';
import { parseInitializer, sizeOf } from '../initializers.js';
import { type Layer, type LayerKind, parseConfig, unsupportedLayer, type WeightSpec } from '../layer.js';
import { activationLayer, activationSetting } from './activation.js';
import { penaltyOf, penaltySettings } from './penalty.js';
import { channelsLast, paddingSetting, patches, windowCount, windowSetting } from './windows.js';

const convolution = (className: 'Conv1D' | 'Conv2D', axes: 1 | 2): LayerKind => ({
  className,
  build: (config, [shape], name) => {
    const given = parseConfig(
      z.looseObject({
        filters: z.number().int().positive(),
        kernel_size: windowSetting(axes),
        strides: windowSetting(axes, 1),
        dilation_rate: windowSetting(axes, 1),
        padding: paddingSetting,
        data_format: channelsLast,
        groups: z.literal(1, 'grouped convolutions are not supported').nullish(),
        use_bias: z.boolean().default(true),
        activation: activationSetting,
        kernel_initializer: z.unknown().optional(),
        bias_initializer: z.unknown().optional(),
        ...penaltySettings,
      }),
      config,
      className,
      name,
    );
    const windows = {
      size: given.kernel_size,
      strides: given.strides,
      dilation: given.dilation_rate,
      padding: given.padding,
    };
    // One axis is two with a height of one.
    const [height, width, channels] =
      axes === 2 ? (shape as [number, number, number]) : ([1, ...shape!] as [number, number, number]);
    const counts = [height, width].map((size, axis) =>
      windowCount(size, windows.size[axis]!, windows.strides[axis]!, windows.dilation[axis]!, windows.padding),
    );
    const outputShape = [...counts.slice(2 - axes), given.filters];
    const kernelShape = [...windows.size.slice(2 - axes), channels, given.filters];
    const weights: WeightSpec[] = [
      {
        name: 'kernel',
        shape: kernelShape,
        initializer: parseInitializer(given.kernel_initializer, 'GlorotNormal', name),
        trainable: true,
        ...penaltyOf(given.kernel_regularizer),
      },
    ];
    if (given.use_bias)
      weights.push({
        name: 'bias',
        shape: [given.filters],
        initializer: parseInitializer(given.bias_initializer, 'Zeros', name),
        trainable: true,
        ...penaltyOf(given.bias_regularizer),
      });
    const image = (tf: Tf, x: Tensor, samples: number) => tf.reshape(x, [samples, height, width, channels]);
    const isDilated = windows.dilation.some((rate) => rate > 1);
    if (isDilated && windows.strides.some((stride) => stride > 1))
      throw unsupportedLayer(className, name, 'strides and dilation together are not supported');
    const layer: Layer = {
      outputShape,
      weights,
      stackable: false,
      forward: ({ tf, lead }, [x], { kernel, bias }) => {
        const product = isDilated
          ? // TensorFlow.js has no gradient of dilated convolutions; that of patches times a matrix it has.
            tf.matMul(
              tf.reshape(patches(tf, image(tf, x!, lead[0]!), windows), [-1, sizeOf(windows.size) * channels]),
              tf.reshape(kernel!, [-1, given.filters]),
            )
          : tf.conv2d(
              image(tf, x!, lead[0]!) as Tensor4D,
              tf.reshape(kernel!, [...windows.size, channels, given.filters]) as Tensor4D,
              [...windows.strides] as [number, number],
              windows.padding,
            );
        const sum = bias === undefined ? product : tf.add(product, bias);
        return tf.reshape(sum, [...lead, ...outputShape]);
      },
      squaredGradientNorms: (call, [x], _weights, gradient) => {
        const { tf, lead } = call;
        const rows = patches(tf, image(tf, x!, lead[0]!), windows); // (n, positions, window × channels)
        return linearSquaredNorms(call, rows, tf.reshape(gradient, [lead[0]!, -1, given.filters]), given.use_bias);
      },
    };
    return [
      { part: '', layer },
      { part: 'activation', layer: activationLayer(given.activation, outputShape) },
    ];
  },
});

export const conv1d = convolution('Conv1D', 1);
export const conv2d = convolution('Conv2D', 2);
