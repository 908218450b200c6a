import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import fc from 'fast-check';
import { sampledGaussian, sampledGaussianRenyi } from './sampled-gaussian.js';

const near = (actual: number, expected: number, relative = 1e-6) =>
  assert.ok(Math.abs(actual / expected - 1) <= relative, `${actual} is not ${expected}`);

test('at order 2 it is log(1 + q^2 (e^{c^2} - 1))', () => {
  near(sampledGaussianRenyi(2, 0.01, 1), 1.71813422e-4, 5e-9);
  near(sampledGaussianRenyi(2, 0.01, 1), Math.log1p(1e-4 * (Math.E - 1)), 1e-12);
});

test('at order 8 and rate 0.01 it has the printed values on both sides of its leap', () => {
  for (const [c, expected] of [
    [0.01, '4.000224e-8'],
    [0.1, '4.022474e-6'],
    [0.5, '1.157561e-4'],
    [1, '8.936439e-4'],
    [2, '1.0736948e+1'],
    [4, '5.8736948e+1'],
  ] as const)
    assert.equal(sampledGaussianRenyi(8, 0.01, c).toExponential(expected.indexOf('e') - 2), expected);
});

test('with every sample in every batch it is alpha c^2 / 2, and with none it is 0', () => {
  near(sampledGaussianRenyi(8, 1, 0.7), 8 * 0.49 * 0.5, 1e-12);
  assert.equal(sampledGaussianRenyi(8, 0, 0.7), 0);
  assert.equal(sampledGaussianRenyi(8, 0.3, 0), 0);
});

test('small sensitivities keep their digits: q^2 alpha c^2 / 2', () => {
  near(sampledGaussianRenyi(8, 1e-4, 1e-6), 1e-8 * 8 * 1e-12 * 0.5, 1e-6);
});

test('copies are summed as they are drawn together', () => {
  near(sampledGaussianRenyi(2, 0.01, 1, 2), 6.992273e-4, 2e-7);
  near(sampledGaussianRenyi(3, 0.3, 0.7, 2), 0.538915333, 2e-9);
  // At rate 1 all m copies are always there: alpha (m c)^2 / 2.
  near(sampledGaussianRenyi(4, 1, 0.3, 5), (4 * 1.5 ** 2) / 2, 1e-12);
});

test('weights of the mechanism sum to 1, whatever the copies', () => {
  for (const copies of [1, 2, 5, 16]) {
    const { logWeights } = sampledGaussian(8, 0.07, copies);
    near(
      logWeights.reduce((sum, value) => sum + Math.exp(value), 0),
      1,
      1e-12,
    );
  }
});

test('it grows with sensitivity, order, rate and copies, and never overflows to NaN', () => {
  const rate = fc.double({ min: 1e-4, max: 1, noNaN: true });
  const sensitivity = fc.double({ min: 1e-3, max: 100, noNaN: true });
  fc.assert(
    fc.property(rate, sensitivity, fc.integer({ min: 2, max: 32 }), (q, c, order) => {
      const value = sampledGaussianRenyi(order, q, c);
      assert.ok(value >= 0 && Number.isFinite(value));
      const slack = 1 - 1e-9;
      assert.ok(sampledGaussianRenyi(order, q, 1.5 * c) >= value * slack);
      assert.ok(sampledGaussianRenyi(order + 1, q, c) >= value * slack);
      assert.ok(sampledGaussianRenyi(order, Math.min(1, 1.5 * q), c) >= value * slack);
      if (order <= 8) assert.ok(sampledGaussianRenyi(order, q, c, 2) >= value * slack);
      assert.ok(value <= ((order * c * c) / 2) * (1 + 1e-9));
    }),
    { seed: 1 },
  );
});

test('a fractional order is rounded up, which only raises the bound', () => {
  assert.equal(sampledGaussianRenyi(2.3, 0.1, 1), sampledGaussianRenyi(3, 0.1, 1));
  assert.equal(sampledGaussianRenyi(1.1, 0.1, 1), sampledGaussianRenyi(2, 0.1, 1));
});

test('an infinite sensitivity gives Infinity, and impossible arguments are refused', () => {
  assert.equal(sampledGaussianRenyi(8, 0.1, Infinity), Infinity);
  for (const [order, q, copies] of [
    [1, 0.1, 1],
    [8, 1.1, 1],
    [8, -0.1, 1],
    [8, 0.1, 0],
    [8, 0.1, 17],
    [8, Number.NaN, 1],
    [100, 0.1, 2],
  ])
    assert.throws(
      () => sampledGaussianRenyi(order, q, 1, copies),
      (error: unknown) => error instanceof EngramError && error.code === 'ENG_REQUEST_INVALID',
    );
});
