import { z } from 'zod';
import { type LayerKind, parseConfig } from '../layer.js';

const dropoutLike = (className: string, wholeChannels: boolean): LayerKind => ({
  className,
  build: (config, [shape], name) => {
    const { rate } = parseConfig(
      z.looseObject({
        rate: z.number().min(0).lt(1),
        noise_shape: z.null('a noise shape is not supported').optional(),
      }),
      config,
      className,
      name,
    );
    const maskShape = wholeChannels ? [...shape!.slice(0, -1).map(() => 1), shape!.at(-1)!] : shape!;
    return {
      outputShape: shape!,
      weights: [],
      stackable: true,
      random: rate > 0,
      forward: ({ tf, lead, training, uniform }, [x]) => {
        if (!training || rate === 0) return x!;
        const kept = tf.cast(tf.greaterEqual(uniform([...lead, ...maskShape]), rate), 'float32');
        return tf.mul(tf.mul(x!, kept), 1 / (1 - rate));
      },
    };
  },
});

export const dropout = dropoutLike('Dropout', false);
/** Drops whole channels: the mask is shared by all positions. */
export const spatialDropout1d = dropoutLike('SpatialDropout1D', true);
