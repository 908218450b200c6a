import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { spearmanWithInterval } from '../index.js';

function correlated(n: number, seed: number) {
  const random = createRandom(seed);
  const a = Float64Array.from({ length: n }, () => random.normal());
  return { a, b: a.map((x) => x + random.normal()) };
}

test('both intervals hold the correlation of the population and agree for many samples', () => {
  const { a, b } = correlated(1000, 1);
  // Bivariate normal with r = 1/sqrt 2: Spearman's rho is (6 / pi) asin(r / 2).
  const rho = (6 / Math.PI) * Math.asin(Math.SQRT1_2 / 2);
  const bootstrap = spearmanWithInterval(a, b, { seed: 1 });
  const fisher = spearmanWithInterval(a, b, { seed: 1, method: 'fisherZ' });
  for (const measured of [bootstrap, fisher]) {
    assert.ok(measured.status === 'measured');
    assert.ok(measured.low < rho && rho < measured.high);
    assert.equal(measured.n, 1000);
  }
  assert.ok(bootstrap.status === 'measured' && fisher.status === 'measured');
  assert.ok(Math.abs(bootstrap.low - fisher.low) < 0.015 && Math.abs(bootstrap.high - fisher.high) < 0.015);
});

test('an increasing map changes nothing', () => {
  const { a, b } = correlated(40, 2);
  assert.deepEqual(spearmanWithInterval(a, b.map(Math.exp), { seed: 5 }), spearmanWithInterval(a, b, { seed: 5 }));
});

test('few samples, constants and mismatched lengths are told', () => {
  const short = spearmanWithInterval([1, 2, 3], [1, 2, 3], { seed: 1 });
  assert.ok(short.status === 'notMeasured' && short.code === 'ENG_INSUFFICIENT_SAMPLES');
  const flat = spearmanWithInterval([1, 2, 3, 4], [1, 1, 1, 1], { seed: 1 });
  assert.ok(flat.status === 'notMeasured' && flat.code === 'ENG_INSUFFICIENT_SAMPLES');
  assert.throws(() => spearmanWithInterval([1, 2], [1], { seed: 1 }), EngramError);
  assert.throws(() => spearmanWithInterval([1, 2, 3, Number.NaN], [1, 2, 3, 4], { seed: 1 }), EngramError);
});
