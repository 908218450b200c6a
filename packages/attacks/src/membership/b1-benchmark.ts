import { createRandom, log1pexp, logisticRegressionL2, sigmoid } from '@engram/numeric';
import type { ReferenceSignals } from './signals.js';

/** Benchmark B1: 64 logistic models on complementary halves of 200 rows, reproducible to the last digit. For tests. */
export interface B1 {
  /** (400, 40) row-major; rows 0-199 are the audit pool, 200-399 the population. */
  readonly rows: Float64Array;
  readonly labels: Int32Array;
  /** (64, 40). */
  readonly weights: Float64Array;
  /** On the audit pool. */
  readonly bank: ReferenceSignals & Required<Pick<ReferenceSignals, 'scaledConfidence'>>;
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
    random.uniform() < sigmoid(margin(rows, i, truth)) ? 1 : 0,
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

/** argmin of sum log(1 + exp(-t x.w)) + 0.25 |w|^2 over the given rows. */
export function fitLogistic(rows: Float64Array, labels: Int32Array, training: readonly number[]): Float64Array {
  const data = Float64Array.from({ length: training.length * columns }, (_, at) => {
    const row = training[Math.floor(at / columns)];
    return rows[row * columns + (at % columns)];
  });
  const { weights, largestGradient } = logisticRegressionL2(
    { data, shape: [training.length, columns] },
    training.map((i) => labels[i]),
    { penalty: 0.5, intercept: false, tolerance: 1e-10 },
  );
  if (!(largestGradient < 1e-10)) throw new Error(`expected a gradient below 1e-10, got ${largestGradient}`);
  return weights;
}
