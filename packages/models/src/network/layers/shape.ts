import { z } from 'zod';
import { sizeOf } from '../initializers.js';
import { type LayerKind, parseConfig, unsupportedLayer } from '../layer.js';
import { channelsLast } from './windows.js';

export const flatten: LayerKind = {
  className: 'Flatten',
  build: (config, [shape], name) => {
    parseConfig(z.looseObject({ data_format: channelsLast }), config, 'Flatten', name);
    const outputShape = [sizeOf(shape!)];
    return {
      outputShape,
      weights: [],
      stackable: true,
      forward: ({ tf, lead }, [x]) => tf.reshape(x!, [...lead, ...outputShape]),
    };
  },
};

export const reshape: LayerKind = {
  className: 'Reshape',
  build: (config, [shape], name) => {
    const { target_shape: target } = parseConfig(
      z.looseObject({ target_shape: z.array(z.number().int().nullable()) }),
      config,
      'Reshape',
      name,
    );
    const known = target.filter((size): size is number => size !== null && size > 0);
    const outputShape = target.map((size) => (size !== null && size > 0 ? size : sizeOf(shape!) / sizeOf(known)));
    if (target.length - known.length > 1 || sizeOf(outputShape) !== sizeOf(shape!))
      throw unsupportedLayer('Reshape', name, `shape [${shape}] does not fit target [${target}]`);
    return {
      outputShape,
      weights: [],
      stackable: true,
      forward: ({ tf, lead }, [x]) => tf.reshape(x!, [...lead, ...outputShape]),
    };
  },
};

export const permute: LayerKind = {
  className: 'Permute',
  build: (config, [shape], name) => {
    const { dims } = parseConfig(
      z.looseObject({ dims: z.array(z.number().int().min(1).max(shape!.length)).length(shape!.length) }),
      config,
      'Permute',
      name,
    );
    return {
      outputShape: dims.map((axis) => shape![axis - 1]!),
      weights: [],
      stackable: true,
      forward: ({ tf, lead }, [x]) =>
        tf.transpose(x!, [...lead.map((_, axis) => axis), ...dims.map((axis) => lead.length + axis - 1)]),
    };
  },
};

export const repeatVector: LayerKind = {
  className: 'RepeatVector',
  build: (config, [shape], name) => {
    const { n } = parseConfig(z.looseObject({ n: z.number().int().positive() }), config, 'RepeatVector', name);
    return {
      outputShape: [n, ...shape!],
      weights: [],
      stackable: true,
      forward: ({ tf, lead }, [x]) => tf.tile(tf.reshape(x!, [...lead, 1, ...shape!]), [...lead.map(() => 1), n, 1]),
    };
  },
};
