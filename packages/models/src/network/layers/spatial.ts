import { z } from 'zod';
import { type LayerKind, parseConfig } from '../layer.js';
import { channelsLast, windowSetting } from './windows.js';

const natural = z.number().int().min(0);
type Borders = readonly [readonly [number, number], readonly [number, number]];

/** Given as one number, one per axis, or before and after per axis. */
const borders = z
  .union([natural, z.tuple([natural, natural]), z.tuple([z.tuple([natural, natural]), z.tuple([natural, natural])])])
  .transform((value): Borders => {
    if (typeof value === 'number')
      return [
        [value, value],
        [value, value],
      ];
    const [rows, columns] = value;
    return [typeof rows === 'number' ? [rows, rows] : rows, typeof columns === 'number' ? [columns, columns] : columns];
  });

export const zeroPadding2d: LayerKind = {
  className: 'ZeroPadding2D',
  build: (config, [shape], name) => {
    const { padding } = parseConfig(
      z.looseObject({
        padding: borders.default([
          [1, 1],
          [1, 1],
        ]),
        data_format: channelsLast,
      }),
      config,
      'ZeroPadding2D',
      name,
    );
    const [height, width, channels] = shape as [number, number, number];
    return {
      outputShape: [height + padding[0][0] + padding[0][1], width + padding[1][0] + padding[1][1], channels],
      weights: [],
      stackable: false,
      forward: ({ tf }, [x]) => tf.pad(x!, [[0, 0], [...padding[0]], [...padding[1]], [0, 0]]),
    };
  },
};

export const cropping2d: LayerKind = {
  className: 'Cropping2D',
  build: (config, [shape], name) => {
    const { cropping } = parseConfig(
      z.looseObject({ cropping: borders, data_format: channelsLast }),
      config,
      'Cropping2D',
      name,
    );
    const [height, width, channels] = shape as [number, number, number];
    const outputShape = [height - cropping[0][0] - cropping[0][1], width - cropping[1][0] - cropping[1][1], channels];
    return {
      outputShape,
      weights: [],
      stackable: false,
      forward: ({ tf, lead }, [x]) => tf.slice(x!, [0, cropping[0][0], cropping[1][0], 0], [lead[0]!, ...outputShape]),
    };
  },
};

export const upSampling2d: LayerKind = {
  className: 'UpSampling2D',
  build: (config, [shape], name) => {
    const { size } = parseConfig(
      z.looseObject({
        size: windowSetting(2, 2),
        interpolation: z.literal('nearest', 'only nearest-neighbour interpolation is supported').nullish(),
        data_format: channelsLast,
      }),
      config,
      'UpSampling2D',
      name,
    );
    const [height, width, channels] = shape as [number, number, number];
    const outputShape = [height * size[0], width * size[1], channels];
    return {
      outputShape,
      weights: [],
      stackable: false,
      forward: ({ tf, lead }, [x]) => {
        // One axis after the other, each as the middle of three: tiling of higher ranks has no gradient.
        const rows = tf.tile(tf.reshape(x!, [lead[0]! * height, 1, width * channels]), [1, size[0], 1]);
        const columns = tf.tile(tf.reshape(rows, [lead[0]! * height * size[0] * width, 1, channels]), [1, size[1], 1]);
        return tf.reshape(columns, [lead[0]!, ...outputShape]);
      },
    };
  },
};
