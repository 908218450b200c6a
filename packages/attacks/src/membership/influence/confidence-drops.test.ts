import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom, log1pexp, logSoftmaxRow, pearson, ridge, spearman } from '@engram/numeric';
import { benchmarkB1, columns, fitLogistic, margin, pool } from '../b1-benchmark.js';
import { aucOf } from '../toy-signals.js';
import { confidenceDrops } from './confidence-drops.js';
import type { ClassifierLayer, LastLayer, RegressionLayer } from './last-layer.js';

const b1 = benchmarkB1();
const everyRow = Array.from({ length: pool }, (_, i) => i);
const features = { data: b1.rows.subarray(0, pool * columns), shape: [pool, columns] };
const labels = b1.labels.subarray(0, pool);
const fitted = fitLogistic(b1.rows, b1.labels, everyRow);

/** The logistic model of B1 as a layer: one unit, or two of half the margin each way. */
function logisticLayer(head: ClassifierLayer['head']): ClassifierLayer {
  const data = Float64Array.from({ length: 2 * pool }, (_, at) => {
    const z = margin(b1.rows, at >> 1, fitted);
    return -log1pexp(at % 2 === 0 ? z : -z);
  });
  return { features, logProbabilities: { data, shape: [pool, 2] }, labels, head, bias: false };
}

// B1 penalises 0.25 |w|^2, whose second derivative is 0.5.
const { values: ofAll } = await confidenceDrops(logisticLayer('sigmoid'), { trainedOn: pool, penalty: 0.5 });

test('B1: one Newton step drops margins as far as retraining without the row does', () => {
  const exact = Float64Array.from(everyRow, (i) => {
    const without = fitLogistic(
      b1.rows,
      b1.labels,
      everyRow.filter((row) => row !== i),
    );
    return (2 * labels[i] - 1) * (margin(b1.rows, i, fitted) - margin(b1.rows, i, without));
  });
  const printed = (values: Float64Array) => [...values.subarray(0, 3)].map((value) => value.toFixed(6));
  assert.deepEqual(printed(exact), ['0.015795', '0.191872', '0.037173']);
  assert.deepEqual(printed(ofAll), ['0.015807', '0.192766', '0.037204']);
  assert.equal(pearson(exact, ofAll).toFixed(5), '0.99926');
});

test('B1: drops rank samples as memorization does, and raw leverage does not', () => {
  const { models, trainedOn, loss } = b1.bank;
  const memorization = Float64Array.from(everyRow, (i) => {
    const sums = [0, 0];
    const counts = [0, 0];
    for (let k = 0; k < models; k += 1) {
      sums[trainedOn[k * pool + i]] += Math.exp(-loss[k * pool + i]);
      counts[trainedOn[k * pool + i]] += 1;
    }
    return sums[1] / counts[1] - sums[0] / counts[0];
  });
  assert.equal(spearman(ofAll, memorization).toFixed(4), '0.9325');
  // drop = q (1 - p) / (1 - p (1 - p) q), solved for the leverage q.
  const leverage = ofAll.map((drop, i) => {
    const p = 1 / (1 + Math.exp(-(2 * labels[i] - 1) * margin(b1.rows, i, fitted)));
    return drop / (1 - p + p * (1 - p) * drop);
  });
  assert.equal(spearman(leverage, memorization).toFixed(3), '-0.545');
});

test('two units at twice the penalty are one unit', async () => {
  const two = await confidenceDrops(logisticLayer('softmax'), { trainedOn: pool, penalty: 1 });
  for (const i of everyRow) near(two.values[i], ofAll[i], 1e-10);
});

test('conjugate gradients give what the inverse gives', async () => {
  for (const layer of [logisticLayer('sigmoid'), randomLayer(60, 7, 4, 1)]) {
    const exact = await confidenceDrops(layer, { trainedOn: 30 });
    const solved = await confidenceDrops(layer, { trainedOn: 30, largestDense: 0 });
    assert.deepEqual([exact.method, solved.method], ['inverse', 'conjugateGradients']);
    for (let i = 0; i < 60; i += 7) near(solved.values[i], exact.values[i], 1e-6 * exact.values[i]);
  }
});

test('many classes: a drop is the change of the linearised confidence after a Newton step, computed the long way', async () => {
  const [n, width, classes, penalty] = [12, 2, 3, 0.3];
  const layer = randomLayer(n, width, classes, 2);
  const dim = classes * (width + 1);
  const { values } = await confidenceDrops(layer, { trainedOn: n, penalty });
  const p = (i: number) => layer.logProbabilities.data.subarray(i * classes, (i + 1) * classes).map(Math.exp);
  const input = (i: number) => [...layer.features.data.subarray(i * width, (i + 1) * width), 1];
  for (let i = 0; i < n; i += 1) {
    const hessian = Array.from({ length: dim }, (_, a) =>
      Array.from({ length: dim }, (_, b) => {
        let sum = a === b ? penalty : 0;
        for (let j = 0; j < n; j += 1) {
          if (j === i) continue;
          const [u, v] = [Math.floor(a / (width + 1)), Math.floor(b / (width + 1))];
          const curvature = (u === v ? p(j)[u] : 0) - p(j)[u] * p(j)[v];
          sum += curvature * input(j)[a % (width + 1)] * input(j)[b % (width + 1)];
        }
        return sum;
      }),
    );
    const error = p(i).map((value, a) => value - Number(a === layer.labels[i]));
    const gradient = Array.from(
      { length: dim },
      (_, a) => error[Math.floor(a / (width + 1))] * input(i)[a % (width + 1)],
    );
    const step = gaussianElimination(hessian, gradient);
    const doubt = 1 - p(i)[layer.labels[i]];
    const drop = step.reduce((sum, value, a) => sum + value * gradient[a], 0) / doubt;
    near(values[i], drop, 1e-10 * drop);
  }
});

test('a sure prediction drops by its doubt, however small, and not by rounding', async () => {
  const layer = randomLayer(20, 3, 3, 3);
  const doubt = 1e-30;
  // Half of the doubt on each of the two other classes.
  const others = Math.log(doubt / 2);
  layer.logProbabilities.data.set([0, others, others]);
  layer.labels[0] = 0;
  const firstDrop = async () => (await confidenceDrops(layer, { trainedOn: 20, penalty: 1 })).values[0];
  const one = (await firstDrop()) / doubt;
  layer.logProbabilities.data.set([-1e-6, others + 0.01, others + 0.01]);
  const other = (await firstDrop()) / (doubt * Math.exp(0.01));
  near(one, other, 1e-6 * one);
  assert.ok(one > 0);
});

test('weights that know no sample give members and non-members the same drops', async () => {
  // 400 samples against 24 weights, fresh data 40 times: the scores never learn who is a member, whoever is picked.
  const rounds = 40;
  const n = 60;
  let wins = 0;
  for (let round = 0; round < rounds; round += 1) {
    const { values: scores } = await confidenceDrops(randomLayer(n, 11, 4, 100 + round), { trainedOn: n / 2 });
    for (let i = 0; i < n / 2; i += 1) for (let j = n / 2; j < n; j += 1) wins += Number(scores[i] > scores[j]);
  }
  const auc = wins / (rounds * (n / 2) ** 2);
  const standardError = Math.sqrt((n + 1) / (12 * (n / 2) ** 2 * rounds));
  assert.ok(Math.abs(auc - 0.5) < 4 * standardError, `AUC ${auc}, standard error ${standardError}`);
});

test('drops do not depend on the order of samples', async () => {
  const layer = randomLayer(15, 3, 3, 4);
  const { values } = await confidenceDrops(layer, { trainedOn: 8 });
  const order = createRandom(1).shuffle(Int32Array.from({ length: 15 }, (_, i) => i));
  const take = (values: ArrayLike<number>, width: number) =>
    Float64Array.from(
      { length: values.length },
      (_, at) => values[order[Math.floor(at / width)] * width + (at % width)],
    );
  const shuffled = await confidenceDrops(
    {
      ...layer,
      features: { data: take(layer.features.data, 3), shape: [15, 3] },
      logProbabilities: { data: take(layer.logProbabilities.data, 3), shape: [15, 3] },
      labels: Int32Array.from(order, (i) => layer.labels[i]),
    },
    { trainedOn: 8 },
  );
  order.forEach((from, i) => {
    near(shuffled.values[i], values[from], 1e-9 * values[from]);
  });
});

test('refuses arrays that do not fit, no samples, and outputs without any doubt', async () => {
  const layer = randomLayer(5, 2, 3, 5);
  const refuses = (given: LastLayer, trainedOn: number, code: string) =>
    assert.rejects(
      confidenceDrops(given, { trainedOn }),
      (error) => error instanceof EngramError && error.code === code,
    );
  await refuses({ ...layer, labels: layer.labels.subarray(1) }, 5, 'ENG_SHAPE_MISMATCH');
  await refuses({ ...layer, head: 'sigmoid' }, 5, 'ENG_SHAPE_MISMATCH');
  await refuses(randomLayer(0, 2, 3, 5), 5, 'ENG_INSUFFICIENT_SAMPLES');
  await refuses(layer, 0, 'ENG_INSUFFICIENT_SAMPLES');
  layer.logProbabilities.data.forEach((_, at, all) => {
    all[at] = at % 3 === 0 ? 0 : -Infinity;
  });
  await refuses(layer, 5, 'ENG_SATURATED_OUTPUTS');
});

/** Rows of x, y = x w + noise: n of them, and the ridge fit to the first m. */
function ridgeLine(n: number, m: number, width: number, penalty: number, seed: number) {
  const random = createRandom(seed);
  const features = { data: Float64Array.from({ length: n * width }, () => random.normal()), shape: [n, width] };
  const row = (i: number) => features.data.subarray(i * width, (i + 1) * width);
  const targets = Float64Array.from({ length: n }, (_, i) => row(i)[0] + random.normal());
  /** y - f(x) of one row, of the line fitted to these rows. */
  const residual = (i: number, rows: readonly number[]) => {
    const data = Float64Array.from(rows.flatMap((j) => [...row(j)]));
    const weights = ridge(
      { data, shape: [rows.length, width] },
      rows.map((j) => targets[j]),
      penalty,
    );
    return targets[i] - row(i).reduce((sum, x, k) => sum + x * weights[k], 0);
  };
  const members = Array.from({ length: m }, (_, i) => i);
  const layer: RegressionLayer = {
    features,
    head: 'linear',
    bias: false,
    residuals: targets.map((_, i) => residual(i, members)),
  };
  return { layer, members, residual };
}

test('of a regression is how far the prediction truly moves when its row is left out and the line fitted anew', async () => {
  const [n, penalty] = [40, 0.7];
  const { layer, members, residual } = ridgeLine(n, n, 5, penalty, 6);
  // Ridge minimises |y - X w|^2 + penalty |w|^2, whose second derivative is 2 (X'X + penalty I).
  const { values } = await confidenceDrops(layer, { trainedOn: n, penalty: 2 * penalty });
  for (const i of members) {
    const without = residual(
      i,
      members.filter((row) => row !== i),
    );
    near(values[i], Math.abs(without) - Math.abs(layer.residuals[i]), 1e-9);
  }
});

test('a non-member drops by more than it would as a member, by 1 / (1 - h), so that members rank below', async () => {
  const [m, width, penalty] = [60, 30, 1e-9];
  const { layer, members, residual } = ridgeLine(2 * m, m, width, penalty, 7);
  const { values } = await confidenceDrops(layer, { trainedOn: m, penalty: 2 * penalty });
  const asMember = values.map((_, i) => {
    const others = members.filter((row) => row !== i);
    return Math.abs(residual(i, others)) - Math.abs(residual(i, [...others, i]));
  });
  // Were a non-member's own fit known, the two groups would rank alike: standard error 0.053 at 60 and 60.
  const isMember = values.map((_, i) => Number(i < m));
  const [exact, told] = [aucOf(asMember, isMember), aucOf(values, isMember)];
  assert.ok(Math.abs(exact - 0.5) < 4 * 0.053, `${exact}`);
  assert.ok(told < exact - 0.1, `${told} and ${exact}`);
  assert.ok(pearson(values.slice(0, m), asMember.slice(0, m)) > 0.9);
});

function randomLayer(n: number, width: number, classes: number, seed: number): ClassifierLayer {
  const random = createRandom(seed);
  const data = new Float64Array(n * classes);
  for (let i = 0; i < n; i += 1)
    logSoftmaxRow(
      Float64Array.from({ length: classes }, () => 2 * random.normal()),
      data.subarray(i * classes, (i + 1) * classes),
    );
  return {
    features: { data: Float64Array.from({ length: n * width }, () => random.normal()), shape: [n, width] },
    logProbabilities: { data, shape: [n, classes] },
    labels: Int32Array.from({ length: n }, () => random.integer(classes)),
    head: 'softmax',
    bias: true,
  };
}

function gaussianElimination(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  const n = rows.length;
  for (let k = 0; k < n; k += 1)
    for (let i = 0; i < n; i += 1) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j += 1) rows[i][j] -= factor * rows[k][j];
    }
  return rows.map((row, i) => row[n] / row[i]);
}

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}
