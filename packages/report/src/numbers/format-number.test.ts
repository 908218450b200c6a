import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decimalsKnown,
  formatFixed,
  formatOneIn,
  formatPercent,
  formatPValue,
  formatSignificant,
} from './format-number.js';

test('thousands are separated, minus signs are true, and zero has no sign', () => {
  assert.equal(formatFixed(1234567.891, 1), '1,234,567.9');
  assert.equal(formatFixed(-1234, 0), '−1,234');
  assert.equal(formatFixed(-0.004, 2), '0.00');
});

test('significant digits are kept and trailing zeros dropped', () => {
  assert.equal(formatSignificant(0.012345), '0.0123');
  assert.equal(formatSignificant(1234.5), '1,230');
  assert.equal(formatSignificant(9.9996), '10');
  assert.equal(formatSignificant(5), '5');
  assert.equal(formatSignificant(0), '0');
});

test('very small and very large numbers are written as powers of ten', () => {
  assert.equal(formatSignificant(1e-27), '10⁻²⁷');
  assert.equal(formatSignificant(-3.14159e12), '−3.14 × 10¹²');
});

test('percentages near all and near nothing do not read as all or nothing', () => {
  assert.equal(formatPercent(0.0312), '3.1%');
  assert.equal(formatPercent(0.31449), '31.4%');
  assert.equal(formatPercent(0.99974), '99.97%');
  assert.equal(formatPercent(1), '100%');
  assert.equal(formatPercent(0.0000062), '0.00062%');
});

test('small fractions are told as one in so many', () => {
  assert.equal(formatOneIn(0.0031), '1 in 320');
  assert.equal(formatOneIn(0.001), '1 in 1,000');
  assert.equal(formatOneIn(1 / 3.2e6), '1 in 3.2 million');
  assert.equal(formatOneIn(1e-27), '1 in 10²⁷');
  assert.equal(formatOneIn(0), null);
  assert.equal(formatOneIn(1), null);
});

test('p-values below a thousandth are not given false precision', () => {
  assert.equal(formatPValue(0.0341), '0.034');
  assert.equal(formatPValue(1e-30), '< 0.001');
});

test('decimals follow the width of the interval', () => {
  assert.equal(decimalsKnown(0.87, 0.861, 0.879), 3); // half width 0.009: 9 units of the third decimal
  assert.equal(decimalsKnown(0.031, 0.024, 0.04, 100), 1); // half width 0.8 %: 8 units of the first
  assert.equal(decimalsKnown(16, 12, 20), 0);
  assert.equal(decimalsKnown(0.0003, 0, 0.2, 100), 2); // 0.03 % would read as 0 % with fewer
});

test('a number that is not zero never prints as zero at the decimals chosen', () => {
  const value = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(value, value, (v, spread) => /[1-9]/.test(formatFixed(v, decimalsKnown(v, v - spread, v + spread)))),
  );
});
