import { createRandom, log1pexp } from '@engram/numeric';
import type { ReferenceSignals } from './signals.js';

/** Benchmark B1: 64 logistic models on complementary halves of 200 rows, reproducible to the last digit. For tests. */
export interface B1 {
  /** (400, 40) row-major; rows 0-199 are the audit pool, 200-399 the population. */
  readonly rows: Float64Array;
  readonly labels: Int32Array;
  /** (64, 40). */
  readonly weights: Float64Array;
  /** On the audit pool. */
  readonly bank: Required<ReferenceSignals>;
  /** (64, 200) nats, on the population. */
  readonly populationLoss: Float64Array;
}

export const columns = 40;
export const pool = 200;
export const models = 64;

export function benchmarkB1(): B1 {
  const random = createRandom(12345);
  const rows = Float64Array.from({ length: 2 * pool * columns }, () => random.normal());
  const truth = new Float64Array(columns).fill(2 / Math.sqrt(columns));
  const labels = Int32Array.from({ length: 2 * pool }, (_, i) =>
    random.uniform() < 1 / (1 + Math.exp(-margin(rows, i, truth))) ? 1 : 0,
  );
  const trainedOn = new Uint8Array(models * pool);
  for (let pair = 0; pair < models / 2; pair += 1) {
    const order = random.shuffle(Int32Array.from({ length: pool }, (_, i) => i));
    order.forEach((row, at) => {
      trainedOn[(2 * pair + (at < pool / 2 ? 0 : 1)) * pool + row] = 1;
    });
  }
  const weights = new Float64Array(models * columns);
  const scaledConfidence = new Float64Array(models * pool);
  const populationLoss = new Float64Array(models * pool);
  for (let k = 0; k < models; k += 1) {
    const w = fitLogistic(
      rows,
      labels,
      Array.from({ length: pool }, (_, i) => i).filter((i) => trainedOn[k * pool + i] === 1),
    );
    weights.set(w, k * columns);
    for (let i = 0; i < pool; i += 1) {
      scaledConfidence[k * pool + i] = (2 * labels[i] - 1) * margin(rows, i, w);
      populationLoss[k * pool + i] = log1pexp(-(2 * labels[pool + i] - 1) * margin(rows, pool + i, w));
    }
  }
  const loss = scaledConfidence.map((phi) => log1pexp(-phi));
  return { rows, labels, weights, bank: { models, trainedOn, loss, scaledConfidence }, populationLoss };
}

export function margin(rows: Float64Array, row: number, weights: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < columns; j += 1) sum += rows[row * columns + j] * weights[j];
  return sum;
}

/** argmin of sum log(1 + exp(-t x.w)) + 0.25 |w|^2 by Newton's method, to a gradient below 1e-10. */
export function fitLogistic(rows: Float64Array, labels: Int32Array, training: readonly number[]): Float64Array {
  const w = new Float64Array(columns);
  for (let step = 0; step < 50; step += 1) {
    const gradient = w.map((value) => 0.5 * value);
    const hessian = new Float64Array(columns * columns);
    for (let j = 0; j < columns; j += 1) hessian[j * columns + j] = 0.5;
    for (const i of training) {
      const t = 2 * labels[i] - 1;
      const wrong = 1 / (1 + Math.exp(t * margin(rows, i, w)));
      for (let j = 0; j < columns; j += 1) {
        const x = rows[i * columns + j];
        gradient[j] -= t * wrong * x;
        for (let l = 0; l < columns; l += 1)
          hessian[j * columns + l] += wrong * (1 - wrong) * x * rows[i * columns + l];
      }
    }
    if (Math.max(...gradient.map(Math.abs)) < 1e-10) return w;
    solve(hessian, gradient).forEach((value, j) => {
      w[j] -= value;
    });
  }
  throw new Error('expected Newton to converge in 50 steps');
}

/** Solves a symmetric positive definite system by elimination; overwrites its arguments. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  for (let p = 0; p < n; p += 1) {
    for (let r = p + 1; r < n; r += 1) {
      const factor = matrix[r * n + p] / matrix[p * n + p];
      for (let c = p; c < n; c += 1) matrix[r * n + c] -= factor * matrix[p * n + c];
      right[r] -= factor * right[p];
    }
  }
  for (let p = n - 1; p >= 0; p -= 1) {
    for (let c = p + 1; c < n; c += 1) right[p] -= matrix[p * n + c] * right[c];
    right[p] /= matrix[p * n + p];
  }
  return right;
}
