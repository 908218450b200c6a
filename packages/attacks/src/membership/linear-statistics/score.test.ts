import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom, type Random, ridge } from '@engram/numeric';
import { aucOf } from '../toy-signals.js';
import { linearRegression } from './index.js';
import { linearStatistics, populationMinimiser } from './linear-statistics.js';
import { gradientStatistic, scoreStatistic } from './score.js';

/** Gaussian rows (n, p), targets x w* + noise of deviation 1, |w*| = 1. */
function draw(random: Random, n: number, p: number, best: Float64Array) {
  const data = Float64Array.from({ length: n * p }, () => random.normal());
  const targets = Float64Array.from({ length: n }, (_, i) => {
    let sum = random.normal();
    for (let k = 0; k < p; k += 1) sum += data[i * p + k]! * best[k]!;
    return sum;
  });
  return { features: { data, shape: [n, p] }, targets };
}

/** Mean AUC of the three statistics over repetitions: n members trained on, n fresh rows. */
function meanAucs(n: number, p: number, penalty: number, repetitions: number) {
  const random = createRandom(100 * p + penalty);
  const membership = Uint8Array.from({ length: 2 * n }, (_, i) => Number(i < n));
  const sums = { loss: 0, gradient: 0, score: 0 };
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const direction = Float64Array.from({ length: p }, () => random.normal());
    const length = Math.hypot(...direction);
    const best = direction.map((value) => value / length);
    const rows = draw(random, 2 * n, p, best);
    const members = {
      data: rows.features.data.subarray(0, n * p),
      shape: [n, p],
    };
    const trained = ridge(members, rows.targets.subarray(0, n), penalty);
    const statistics = linearStatistics(rows, trained, best);
    sums.loss += aucOf(
      statistics.data.slice(2 * n, 4 * n).map((r) => -(r ** 2)),
      membership,
    );
    sums.gradient += aucOf(gradientStatistic(statistics), membership);
    sums.score += aucOf(scoreStatistic(statistics), membership);
  }
  return Object.values(sums).map((sum) => sum / repetitions);
}

// Means over 400 repetitions with a standard error of some 0.0015; over 100 and fewer rows it is about twice that, and
// over the 40 of the widest designs, whose AUCs vary less, no larger.
for (const [n, p, penalty, expected, repetitions] of [
  [200, 20, 0, [0.534, 0.584, 0.582], 100],
  [200, 100, 0, [0.704, 0.722, 0.662], 100],
  [200, 180, 0, [0.936, 0.89, 0.659], 40],
  [200, 100, 20, [0.669, 0.704, 0.667], 100],
  [200, 100, 200, [0.576, 0.612, 0.592], 100],
  [200, 400, 20, [0.946, 0.808, 0.75], 40],
] as const)
  test(`tells members of a least-squares fit apart as simulation says: ${n} rows, ${p} weights, penalty ${penalty}`, () => {
    const found = meanAucs(n, p, penalty, repetitions);
    found.forEach((auc, at) => {
      assert.ok(
        Math.abs(auc - expected[at]!) < 0.01,
        `${['loss', 'gradient', 'score'][at]}: ${auc}, not ${expected[at]}`,
      );
    });
  });

test('the theory of the loss holds: AUC (2/pi) arctan of the ratio of residual deviations', () => {
  // Members leave (1 - p/n) of the variance, fresh rows n/(n - p) of it.
  const [auc] = meanAucs(200, 100, 0, 60);
  const theory = (2 / Math.PI) * Math.atan(Math.sqrt(2 / 0.5));
  assert.ok(Math.abs(auc! - theory) < 0.01, `${auc} is not ${theory}`);
});

test('e u is exactly (e^2 - r^2 + u^2) / 2 where nothing is rounded, and r is e - u', () => {
  // Dyadic numbers: every product and sum is exact.
  const features = { data: Float64Array.of(1, 2, -0.5, 4, 3, 0.25), shape: [3, 2] };
  const statistics = linearStatistics({ features, targets: [2, -1.5, 8] }, [0.5, 0.75], [1, -0.25]);
  const [e, r, u] = [0, 1, 2].map((row) => statistics.data.subarray(3 * row, 3 * row + 3));
  assert.deepEqual([...e!], [1.5, 0, 5.0625]);
  assert.deepEqual([...u!], [1.5, 4.25, -1.25]);
  const scores = scoreStatistic(statistics);
  for (let i = 0; i < 3; i += 1) {
    assert.equal(r![i], e![i]! - u![i]!);
    assert.equal(scores[i], (e![i]! ** 2 - r![i]! ** 2 + u![i]! ** 2) / 2);
  }
  assert.deepEqual([...gradientStatistic(statistics)], [0 * 1.5, -4.25 * 4.25, 6.3125 * -1.25]);
});

test('the population minimiser comes close to the weights the data were drawn by, columns repeated or not', () => {
  const random = createRandom(4);
  const best = Float64Array.of(0.6, -0.8);
  const rows = draw(random, 20_000, 2, best);
  const found = populationMinimiser(rows);
  // Standard error 1/sqrt(20,000) = 0.0071; four of them.
  found.forEach((value, k) => {
    assert.ok(Math.abs(value - best[k]!) < 0.03);
  });
  const twice = Float64Array.from(
    { length: 40_000 * 2 },
    (_, at) => rows.features.data[2 * Math.floor(at / 4) + (at % 2)]!,
  );
  const shared = populationMinimiser({ features: { data: twice, shape: [20_000, 4] }, targets: rows.targets });
  assert.ok(Math.abs(shared[0]! + shared[2]! - found[0]!) < 1e-4);
});

test('refuses a population too small to know its minimiser', () => {
  const rows = draw(createRandom(5), 19, 2, Float64Array.of(1, 0));
  assert.throws(
    () => populationMinimiser(rows),
    (error) =>
      error instanceof EngramError &&
      error.code === 'ENG_INSUFFICIENT_SAMPLES' &&
      /20 population rows for 2 weights, got 19/.test(error.message),
  );
});

test('the loss statistic needs no population, and is not offered for losses that are no squared errors', () => {
  const loss = linearRegression.plan({ statistic: 'loss' });
  assert.deepEqual(
    loss.requires.map(({ signal }) => signal),
    ['loss', 'squaredError'],
  );
  const target = { loss: Float64Array.of(4, 0.25), squaredError: true };
  assert.deepEqual([...loss.score({ target }, { seed: 1 })], [-4, -0.25]);
  assert.throws(
    () => loss.score({ target: { loss: target.loss } }, { seed: 1 }),
    (error) => error instanceof EngramError && error.code === 'ENG_ATTACK_NOT_APPLICABLE',
  );
});
