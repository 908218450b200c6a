import { z } from 'zod';
import type { Tensor, Tf } from '../../tensors.js';
import { type LayerKind, parseConfig, unsupportedLayer } from '../layer.js';

const elementwise = (className: string, merge: (tf: Tf, inputs: readonly Tensor[]) => Tensor): LayerKind => ({
  className,
  build: (_config, shapes, name) => {
    const [first, ...others] = shapes;
    const odd = others.find((shape) => String(shape) !== String(first));
    if (odd !== undefined)
      throw unsupportedLayer(
        className,
        name,
        `it merges shapes [${first}] and [${odd}]; only equal shapes are supported`,
      );
    return { outputShape: first!, weights: [], stackable: true, forward: ({ tf }, inputs) => merge(tf, inputs) };
  },
});

const pairwise = (combine: (tf: Tf, a: Tensor, b: Tensor) => Tensor) => (tf: Tf, inputs: readonly Tensor[]) =>
  inputs.reduce((a, b) => combine(tf, a, b));

export const merges: readonly LayerKind[] = [
  elementwise(
    'Add',
    pairwise((tf, a, b) => tf.add(a, b)),
  ),
  elementwise(
    'Multiply',
    pairwise((tf, a, b) => tf.mul(a, b)),
  ),
  elementwise(
    'Maximum',
    pairwise((tf, a, b) => tf.maximum(a, b)),
  ),
  elementwise(
    'Minimum',
    pairwise((tf, a, b) => tf.minimum(a, b)),
  ),
  elementwise('Average', (tf, inputs) => tf.div(pairwise((_tf, a, b) => tf.add(a, b))(tf, inputs), inputs.length)),
];

export const concatenate: LayerKind = {
  className: 'Concatenate',
  build: (config, shapes, name) => {
    const { axis = -1 } = parseConfig(
      z.looseObject({ axis: z.number().int().optional() }),
      config,
      'Concatenate',
      name,
    );
    const rank = shapes[0]!.length;
    // Keras counts the batch axis.
    const at = axis < 0 ? rank + axis : axis - 1;
    const fits = shapes.every(
      (shape) => shape.length === rank && shape.every((size, i) => i === at || size === shapes[0]![i]),
    );
    if (at < 0 || at >= rank || !fits)
      throw unsupportedLayer(
        'Concatenate',
        name,
        `it joins shapes ${shapes.map((shape) => `[${shape}]`).join(', ')} along axis ${axis}`,
      );
    return {
      outputShape: shapes[0]!.map((size, i) => (i === at ? shapes.reduce((sum, shape) => sum + shape[at]!, 0) : size)),
      weights: [],
      stackable: true,
      forward: ({ tf, lead }, inputs) => tf.concat([...inputs], lead.length + at),
    };
  },
};
