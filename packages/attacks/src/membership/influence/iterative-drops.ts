import { choleskyFactor, choleskySolve } from '@engram/numeric';
import { unitCurvature } from './curvature.js';
import type { DropSettings } from './drop-settings.js';
import { errorOf, inputOf, type LastLayer, layerSize } from './last-layer.js';

const iterations = 100;
/** Of the residual against the right side. The error of a drop goes with its square. */
const tolerance = 1e-5;
/** Wider inputs are preconditioned by the diagonal alone: their factor would not fit. */
const widestFactor = 4096;

/**
 * Drops where H is too large to form: one linear system a sample, of H without that sample, by conjugate gradients. H
 * is applied through the samples, 4 * samples * dim operations a step.
 *
 * Preconditioned by one matrix for all units, the mean curvature of a unit: like H it keeps apart what moves all classes
 * alike, which no probability feels. Stopped early, a drop is too small, never too large.
 *
 * @returns the drop of sample i.
 */
export function iterativeDrops(layer: LastLayer, settings: DropSettings): (i: number) => number {
  const { samples, width, units } = layerSize(layer);
  const inputs = new Float64Array(samples * width);
  const probabilities = new Float64Array(samples * units);
  const complements = new Float64Array(samples * units);
  for (let i = 0; i < samples; i += 1) {
    inputs.set(inputOf(layer, i), i * width);
    const error = errorOf(layer, i);
    probabilities.set(error.probabilities, i * units);
    complements.set(error.complements, i * units);
  }
  const precondition = preconditioner(layer, inputs, settings);

  /** (units, width) H without sample `left`, times v. */
  const apply = (v: Float64Array, left: number): Float64Array => {
    const result = v.map((value) => settings.penalty * value);
    const outputs = new Float64Array(units);
    for (let j = 0; j < samples; j += 1) {
      if (j === left) continue;
      const x = inputs.subarray(j * width, (j + 1) * width);
      for (let a = 0; a < units; a += 1) outputs[a] = dot(v.subarray(a * width, (a + 1) * width), x);
      const p = probabilities.subarray(j * units, (j + 1) * units);
      const centre = dot(p, outputs);
      for (let a = 0; a < units; a += 1) {
        // C z, with the unit's own term from its complement: diag(p) - p p' for a softmax, p (1 - p) for a sigmoid.
        const own = complements[j * units + a]! * outputs[a]!;
        const factor = settings.weight * p[a]! * (own - (centre - p[a]! * outputs[a]!));
        if (factor === 0) continue;
        for (let k = 0; k < width; k += 1) result[a * width + k]! += factor * x[k]!;
      }
    }
    return result;
  };

  return (i) => {
    const { doubt, direction } = errorOf(layer, i);
    const x = inputs.subarray(i * width, (i + 1) * width);
    const right = Float64Array.from({ length: units * width }, (_, at) => {
      return direction[Math.floor(at / width)]! * x[at % width]!;
    });
    return (
      doubt *
      dot(
        right,
        conjugateGradients(right, (v) => apply(v, i), precondition),
      )
    );
  };
}

type Map = (v: Float64Array) => Float64Array;

function conjugateGradients(right: Float64Array, apply: Map, precondition: Map): Float64Array {
  const solution = new Float64Array(right.length);
  const residual = right.slice();
  let preconditioned = precondition(residual);
  let search = preconditioned.slice();
  let agreement = dot(residual, preconditioned);
  const enough = tolerance ** 2 * dot(right, right);
  for (let step = 0; step < iterations && dot(residual, residual) > enough; step += 1) {
    const image = apply(search);
    const length = agreement / dot(search, image);
    for (let d = 0; d < right.length; d += 1) {
      solution[d]! += length * search[d]!;
      residual[d]! -= length * image[d]!;
    }
    preconditioned = precondition(residual);
    const next = dot(residual, preconditioned);
    const turn = next / agreement;
    search = preconditioned.map((value, d) => value + turn * search[d]!);
    agreement = next;
  }
  return solution;
}

/** Solves (weight * sum_j (tr C_j / units) x_j x_j' + penalty I) for every unit, or its diagonal. */
function preconditioner(layer: LastLayer, inputs: Float64Array, { weight, penalty }: DropSettings): Map {
  const { samples, width, units } = layerSize(layer);
  const share = Float64Array.from({ length: samples }, (_, j) => {
    const curvature = unitCurvature(errorOf(layer, j));
    let trace = 0;
    for (let a = 0; a < units; a += 1) trace += curvature[a * units + a]!;
    return (weight * trace) / units;
  });
  if (width > widestFactor) {
    const diagonal = new Float64Array(width).fill(penalty);
    for (let j = 0; j < samples; j += 1)
      for (let k = 0; k < width; k += 1) diagonal[k]! += share[j]! * inputs[j * width + k]! ** 2;
    return (v) => v.map((value, at) => value / diagonal[at % width]!);
  }
  const matrix = new Float64Array(width * width);
  for (let j = 0; j < samples; j += 1)
    for (let k = 0; k < width; k += 1) {
      const factor = share[j]! * inputs[j * width + k]!;
      if (factor === 0) continue;
      for (let l = 0; l <= k; l += 1) matrix[k * width + l]! += factor * inputs[j * width + l]!;
    }
  for (let k = 0; k < width; k += 1) matrix[k * width + k]! += penalty;
  const factor = choleskyFactor(matrix, width);
  return (v) => {
    const solved = new Float64Array(v.length);
    for (let a = 0; a < units; a += 1)
      solved.set(choleskySolve(factor, v.subarray(a * width, (a + 1) * width)), a * width);
    return solved;
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d += 1) sum += a[d]! * b[d]!;
  return sum;
}
