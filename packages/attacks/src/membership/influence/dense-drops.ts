import { choleskyFactor, choleskySolve } from '@engram/numeric';
import { curvatureRoot, unitCurvature } from './curvature.js';
import type { DropSettings } from './drop-settings.js';
import { errorOf, inputOf, type LastLayer, layerSize } from './last-layer.js';
import { packedIndex, packedLength, packedOuter } from './packed-products.js';

/**
 * Drops through the inverse of H = weight * sum_j J_j' C_j J_j + penalty I, formed once: work of samples * dim^2 / 4 for
 * H, dim^3 / 2 to invert it, dim^2 / 4 for a drop.
 *
 * @returns the drop of sample i.
 */
export function denseDrops(layer: LastLayer, settings: DropSettings): (i: number) => number {
  const { width, units } = layerSize(layer);
  const inverse = inverseBlocks(layer, settings);
  const size = packedLength(width);
  const products = new Float64Array(size);
  return (i) => {
    const error = errorOf(layer, i);
    packedOuter(inputOf(layer, i), products);
    // (units, units) J_i H^-1 J_i'.
    const reach = new Float64Array(units * units);
    for (let a = 0; a < units; a += 1)
      for (let b = 0; b <= a; b += 1) {
        const block = packedIndex(a, b) * size;
        let sum = 0;
        for (let t = 0; t < size; t += 1) sum += inverse[block + t]! * products[t]!;
        reach[a * units + b] = sum;
        reach[b * units + a] = sum;
      }
    return error.doubt * withoutItself(reach, curvatureRoot(error), error.direction, settings.weight);
  };
}

/**
 * g' (Q^-1 - w C)^-1 g for Q = J H^-1 J' and C = B B': what the sample's own curvature adds to H is taken out again, by
 * Woodbury's identity, as Q + w Q B (I - w B' Q B)^-1 B' Q. In one dimension g^2 q / (1 - w c q): the 1 - h of leverage.
 */
function withoutItself(reach: Float64Array, root: Float64Array, direction: Float64Array, weight: number): number {
  const u = direction.length;
  const reached = multiply(reach, direction, u);
  // (B' Q B)[a, b], through Q B.
  const half = matrixProduct(reach, root, u);
  const room = new Float64Array(u * u);
  for (let a = 0; a < u; a += 1)
    for (let b = 0; b <= a; b += 1) {
      let sum = 0;
      for (let k = 0; k < u; k += 1) sum += root[k * u + a]! * half[k * u + b]!;
      room[a * u + b] = (a === b ? 1 : 0) - weight * sum;
    }
  const seen = new Float64Array(u);
  for (let a = 0; a < u; a += 1) for (let k = 0; k < u; k += 1) seen[a]! += root[k * u + a]! * reached[k]!;
  return dot(direction, reached) + weight * dot(seen, choleskySolve(choleskyFactor(room, u), seen));
}

/**
 * Blocks of H^-1 between units a >= b, each as the packed lower triangle whose product with a packed x x' is x' block x:
 * entries off the diagonal stand for both of their places.
 */
function inverseBlocks(layer: LastLayer, settings: DropSettings): Float64Array {
  const { width, units } = layerSize(layer);
  const dim = width * units;
  const size = packedLength(width);
  const inverse = symmetricInverse(hessian(layer, settings), dim);
  const blocks = new Float64Array(packedLength(units) * size);
  for (let a = 0; a < units; a += 1)
    for (let b = 0; b <= a; b += 1) {
      const block = packedIndex(a, b) * size;
      for (let k = 0; k < width; k += 1)
        for (let l = 0; l <= k; l += 1) {
          const one = inverse[(a * width + k) * dim + b * width + l]!;
          const other = inverse[(a * width + l) * dim + b * width + k]!;
          blocks[block + packedIndex(k, l)] = k === l ? one : one + other;
        }
    }
  return blocks;
}

/** (dim, dim), lower triangle; unit a's inputs are rows a * width to (a + 1) * width. */
function hessian(layer: LastLayer, { weight, penalty }: DropSettings): Float64Array {
  const { samples, width, units } = layerSize(layer);
  const size = packedLength(width);
  const blocks = new Float64Array(packedLength(units) * size);
  const products = new Float64Array(size);
  for (let i = 0; i < samples; i += 1) {
    const curvature = unitCurvature(errorOf(layer, i));
    packedOuter(inputOf(layer, i), products);
    for (let a = 0; a < units; a += 1)
      for (let b = 0; b <= a; b += 1) {
        const factor = weight * curvature[a * units + b]!;
        if (factor === 0) continue;
        const block = packedIndex(a, b) * size;
        for (let t = 0; t < size; t += 1) blocks[block + t]! += factor * products[t]!;
      }
  }
  const dim = width * units;
  const matrix = new Float64Array(dim * dim);
  for (let a = 0; a < units; a += 1)
    for (let b = 0; b <= a; b += 1) {
      const block = packedIndex(a, b) * size;
      for (let k = 0; k < width; k += 1)
        for (let l = 0; l < width; l += 1)
          matrix[(a * width + k) * dim + b * width + l] =
            blocks[block + (k >= l ? packedIndex(k, l) : packedIndex(l, k))]!;
    }
  for (let d = 0; d < dim; d += 1) matrix[d * dim + d]! += penalty;
  return matrix;
}

/** Inverse of a symmetric positive definite matrix of which the lower triangle is given; all of it is filled. */
function symmetricInverse(matrix: Float64Array, n: number): Float64Array {
  const factor = choleskyFactor(matrix, n);
  // Row j holds column j of the factor's inverse, so that both products run along rows.
  const columns = new Float64Array(n * n);
  for (let j = 0; j < n; j += 1) {
    columns[j * n + j] = 1 / factor[j * n + j]!;
    for (let i = j + 1; i < n; i += 1) {
      let sum = 0;
      for (let k = j; k < i; k += 1) sum += factor[i * n + k]! * columns[j * n + k]!;
      columns[j * n + i] = -sum / factor[i * n + i]!;
    }
  }
  const inverse = factor;
  for (let a = 0; a < n; a += 1)
    for (let b = 0; b <= a; b += 1) {
      let sum = 0;
      for (let i = a; i < n; i += 1) sum += columns[a * n + i]! * columns[b * n + i]!;
      inverse[a * n + b] = sum;
      inverse[b * n + a] = sum;
    }
  return inverse;
}

function matrixProduct(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const product = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1)
    for (let k = 0; k < n; k += 1) {
      const factor = a[i * n + k]!;
      for (let j = 0; j < n; j += 1) product[i * n + j]! += factor * b[k * n + j]!;
    }
  return product;
}

function multiply(matrix: Float64Array, x: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => dot(matrix.subarray(i * n, (i + 1) * n), x));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}
