import { z } from 'zod';
import type { Tensor4D } from '../../tensors.js';
import { type LayerKind, parseConfig } from '../layer.js';
import { channelsLast, type Pair, paddingSetting, windowCount, windowSetting } from './windows.js';

const pooling = (className: string, axes: 1 | 2, kind: 'max' | 'average'): LayerKind => ({
  className,
  build: (config, [shape], name) => {
    const given = parseConfig(
      z.looseObject({
        pool_size: windowSetting(axes, 2),
        strides: windowSetting(axes).nullish(),
        padding: paddingSetting,
        data_format: channelsLast,
      }),
      config,
      className,
      name,
    );
    const strides: Pair = given.strides ?? given.pool_size;
    const [height, width, channels] =
      axes === 2 ? (shape as [number, number, number]) : ([1, ...shape!] as [number, number, number]);
    const counts = [height, width].map((size, axis) =>
      windowCount(size, given.pool_size[axis]!, strides[axis]!, 1, given.padding),
    );
    const outputShape = [...counts.slice(2 - axes), channels];
    return {
      outputShape,
      weights: [],
      stackable: false,
      forward: ({ tf, lead }, [x]) => {
        const image = tf.reshape(x!, [lead[0]!, height, width, channels]) as Tensor4D;
        const window = [...given.pool_size] as [number, number];
        const step = [...strides] as [number, number];
        const pooled =
          kind === 'max'
            ? tf.maxPool(image, window, step, given.padding)
            : tf.avgPool(image, window, step, given.padding);
        return tf.reshape(pooled, [...lead, ...outputShape]);
      },
    };
  },
});

const globalPooling = (className: string, axes: 1 | 2, kind: 'max' | 'average'): LayerKind => ({
  className,
  build: (config, [shape], name) => {
    parseConfig(
      z.looseObject({ data_format: channelsLast, keepdims: z.literal(false, 'keepdims is not supported').nullish() }),
      config,
      className,
      name,
    );
    return {
      outputShape: [shape!.at(-1)!],
      weights: [],
      stackable: true,
      forward: ({ tf, lead }, [x]) => {
        const over = Array.from({ length: axes }, (_, axis) => lead.length + axis);
        return kind === 'max' ? tf.max(x!, over) : tf.mean(x!, over);
      },
    };
  },
});

export const poolings: readonly LayerKind[] = [
  pooling('MaxPooling1D', 1, 'max'),
  pooling('MaxPooling2D', 2, 'max'),
  pooling('AveragePooling1D', 1, 'average'),
  pooling('AveragePooling2D', 2, 'average'),
  globalPooling('GlobalMaxPooling1D', 1, 'max'),
  globalPooling('GlobalMaxPooling2D', 2, 'max'),
  globalPooling('GlobalAveragePooling1D', 1, 'average'),
  globalPooling('GlobalAveragePooling2D', 2, 'average'),
];
