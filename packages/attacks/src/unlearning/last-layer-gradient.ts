/**
 * Norm of the loss's gradient with respect to a softmax layer's weights and bias, in closed form: |p - y| sqrt(|h|^2 + 1).
 * Needs outputs and last-layer features only, so it works where gradients cannot be taken.
 *
 * @param el2n (n) |p - y|.
 * @param features (n, width) the layer's input.
 * @returns (n) at least 0.
 */
export function lastLayerGradientNorms(el2n: Float64Array, features: ArrayLike<number>): Float64Array {
  const width = features.length / el2n.length;
  return el2n.map((error, i) => {
    let square = 1;
    for (let j = 0; j < width; j += 1) square += features[i * width + j] ** 2;
    return error * Math.sqrt(square);
  });
}
