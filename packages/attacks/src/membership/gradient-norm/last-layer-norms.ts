import { errorOf, inputOf, type LastLayer, layerSize } from '../influence/last-layer.js';

/** Which norm: the sum of sizes, the root of the sum of squares, or the largest. */
export type NormOrder = 1 | 2 | 'inf';

/**
 * Norms of the loss's gradient by a last dense layer's weights, in closed form. The gradient is the outer product of the
 * error at the units and the layer's input, so every one of these norms is the product of theirs: with a bias and order 2,
 * |p - e_y| sqrt(1 + |h|^2); of a regression's squared error 2 |y - f(x)| sqrt(1 + |h|^2).
 *
 * @param layer n samples.
 * @returns (n) at least 0.
 * @throws ENG_SHAPE_MISMATCH as `layerSize`.
 * @see Nasr, Shokri and Houmansadr 2019, "Comprehensive Privacy Analysis of Deep Learning", on gradients as signals.
 */
export function lastLayerNorms(layer: LastLayer, order: NormOrder): Float64Array {
  const { samples } = layerSize(layer);
  return Float64Array.from({ length: samples }, (_, i) => {
    const { size, direction } = errorOf(layer, i);
    return size * norm(direction, order) * norm(inputOf(layer, i), order);
  });
}

function norm(values: Float64Array, order: NormOrder): number {
  switch (order) {
    case 1:
      return values.reduce((sum, value) => sum + Math.abs(value), 0);
    case 2:
      return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    case 'inf':
      return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  }
}
