import { z } from 'zod';
import { parseInitializer } from '../initializers.js';
import { type LayerKind, parseConfig } from '../layer.js';
import { penaltyOf, penaltySettings } from './penalty.js';

/**
 * Rows of a table by whole-number inputs. Computed as a product with one-hot rows: exact, differentiable, and a plain
 * matrix product in the recorded graph. Inputs outside the table give zero rows.
 */
export const embedding: LayerKind = {
  className: 'Embedding',
  build: (config, [shape], name) => {
    const given = parseConfig(
      z.looseObject({
        input_dim: z.number().int().positive(),
        output_dim: z.number().int().positive(),
        mask_zero: z.literal(false, 'masking is not supported').nullish(),
        embeddings_initializer: z.unknown().optional(),
        embeddings_regularizer: penaltySettings.kernel_regularizer,
        embeddings_constraint: z.null('weight constraints are not supported').optional(),
      }),
      config,
      'Embedding',
      name,
    );
    const outputShape = [...shape!, given.output_dim];
    return {
      outputShape,
      stackable: true,
      weights: [
        {
          name: 'embeddings',
          shape: [given.input_dim, given.output_dim],
          initializer: parseInitializer(given.embeddings_initializer, 'RandomUniform', name),
          trainable: true,
          ...penaltyOf(given.embeddings_regularizer),
        },
      ],
      forward: ({ tf, lead }, [x], { embeddings }) => {
        const models = lead.slice(0, -1);
        const hot = tf.oneHot(tf.reshape(tf.cast(x!, 'int32'), [...models, -1]), given.input_dim);
        return tf.reshape(tf.matMul(tf.cast(hot, 'float32'), embeddings!), [...lead, ...outputShape]);
      },
      squaredGradientNorms: ({ tf, lead }, [x], _weights, gradient) => {
        const samples = lead.reduce((product, size) => product * size, 1);
        const ids = tf.reshape(x!, [samples, -1]); // (n, T)
        const same = tf.cast(tf.equal(tf.reshape(ids, [samples, -1, 1]), tf.reshape(ids, [samples, 1, -1])), 'float32'); // (n, T, T)
        const b = tf.reshape(gradient, [samples, -1, given.output_dim]);
        return tf.reshape(tf.sum(tf.mul(same, tf.matMul(b, b, false, true)), [1, 2]), [...lead]);
      },
    };
  },
};
