import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom, mean } from '@engram/numeric';
import { bootstrapInterval } from '../index.js';

const skewed = [0.3, 0.1, 2.5, 0.9, 6.2, 0.4, 1.1, 3.3, 0.2, 0.7];
const meanOf = (values: ArrayLike<number>) => (rows: Int32Array) =>
  mean(Float64Array.from(rows, (row) => values[row]!));

test('the BCa interval of a skewed mean matches scipy', () => {
  const measured = bootstrapInterval({ units: 10, statistic: meanOf(skewed), draws: 50_000, seed: 1, method: 'bca' });
  // scipy 1.17.1 stats.bootstrap(method='BCa', n_resamples=200000): [0.730, 3.230]. The tolerance is a quantile's
  // own spread at 50,000 draws, four standard errors.
  assert.ok(measured.status === 'measured');
  assert.ok(Math.abs(measured.low - 0.73) < 0.02, `got ${measured.low}`);
  assert.ok(Math.abs(measured.high - 3.23) < 0.08, `got ${measured.high}`);
});

test('the percentile interval is symmetric where BCa leans to the long tail', () => {
  const percentile = bootstrapInterval({ units: 10, statistic: meanOf(skewed), seed: 1 });
  const bca = bootstrapInterval({ units: 10, statistic: meanOf(skewed), seed: 1, method: 'bca' });
  assert.ok(percentile.status === 'measured' && bca.status === 'measured');
  assert.ok(bca.high > percentile.high);
  assert.equal(bca.value, percentile.value);
});

test('a seed fixes the interval', () => {
  const run = (seed: number) => bootstrapInterval({ units: 10, statistic: meanOf(skewed), seed, draws: 200 });
  assert.deepEqual(run(3), run(3));
  assert.notDeepEqual(run(3), run(4));
});

test('strata keep their sizes and clusters stay whole in every draw', () => {
  const strata = ['a', 'a', 'a', 'b', 'b', 'b'];
  const clusters = [1, 1, 2, 3, 4, 4];
  let draws = 0;
  bootstrapInterval({
    units: 6,
    strata,
    seed: 2,
    draws: 100,
    statistic: (rows) => {
      draws += 1;
      assert.equal([...rows].filter((row) => row < 3).length, 3);
      return rows[0]!;
    },
  });
  bootstrapInterval({
    units: 6,
    clusters,
    seed: 2,
    draws: 100,
    statistic: (rows) => {
      const counts = [0, 1, 2, 3, 4, 5].map((row) => [...rows].filter((drawn) => drawn === row).length);
      assert.equal(counts[0], counts[1]);
      assert.equal(counts[4], counts[5]);
      assert.equal(counts[0]! + counts[2]! + counts[3]! + counts[4]!, 4);
      return 0;
    },
  });
  assert.equal(draws, 101);
});

test('clustered samples widen the interval that pretends they are independent', () => {
  const random = createRandom(8);
  const clusters = Array.from({ length: 400 }, (_, i) => Math.floor(i / 20));
  const levels = Array.from({ length: 20 }, () => random.normal());
  const values = clusters.map((cluster) => levels[cluster]! + 0.1 * random.normal());
  const width = (options: { clusters?: number[] }) => {
    const measured = bootstrapInterval({ units: 400, statistic: meanOf(values), seed: 1, draws: 500, ...options });
    assert.ok(measured.status === 'measured');
    return measured.high - measured.low;
  };
  // Twenty per cluster that hardly differ: the ratio tends to sqrt(20).
  assert.ok(width({ clusters }) > 3 * width({}));
});

test('a statistic that is mostly undefined is not measured', () => {
  const measured = bootstrapInterval({ units: 3, statistic: () => Number.NaN, seed: 1, draws: 10 });
  assert.ok(measured.status === 'notMeasured' && measured.code === 'ENG_INSUFFICIENT_SAMPLES');
  const single = bootstrapInterval({ units: 3, clusters: [1, 1, 1], statistic: () => 1, seed: 1 });
  assert.ok(single.status === 'notMeasured');
});

test('labels of another length, or a cluster across strata, are refused', () => {
  const options = { units: 3, statistic: () => 1, seed: 1 };
  assert.throws(() => bootstrapInterval({ ...options, strata: [1] }), EngramError);
  assert.throws(() => bootstrapInterval({ ...options, strata: [1, 2, 2], clusters: [5, 5, 6] }), EngramError);
});
