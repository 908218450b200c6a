import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeNumber } from './quantity.js';

test('rates are written as percentages, and as one in so many where small', () => {
  assert.deepEqual(writeNumber('rate', { value: 0.0031, low: 0.0024, high: 0.004 }), {
    value: '0.31%',
    low: '0.24%',
    high: '0.40%',
    oneIn: '1 in 320',
  });
  assert.equal(writeNumber('rate', { value: 0.31, low: 0.29, high: 0.33 }).oneIn, null);
});

test('a rate of nothing is zero with the upper end of its interval', () => {
  assert.deepEqual(writeNumber('rate', { value: 0, low: 0, high: 0.00368 }), {
    value: '0%',
    low: '0%',
    high: '0.37%',
    oneIn: null,
  });
});

test('gaps and correlations carry their sign', () => {
  assert.equal(writeNumber('gap', { value: 1.23, low: 1.01, high: 1.45 }).value, '+1.23');
  assert.equal(writeNumber('correlation', { value: -0.5, low: -0.7, high: -0.2 }).value, '−0.50');
});

test('whole steps and epochs are told as such, one of them in the singular', () => {
  assert.equal(writeNumber('steps', { value: 1, low: 1, high: 1 }).value.slice(-5), ' step');
  assert.equal(writeNumber('epochs', { value: 1, low: 1, high: 1 }).value.slice(-6), ' epoch');
  assert.equal(writeNumber('epochs', { value: 8, low: 7, high: 9 }).value, '8 epochs');
  assert.equal(writeNumber('epochs', { value: 8.5, low: 7, high: 9 }).value, '8.5 epochs');
});

test('an interval that leaves chance out is not printed as if it ended on it', () => {
  assert.deepEqual(writeNumber('auc', { value: 0.463, low: 0.427, high: 0.4993 }), {
    value: '0.463',
    low: '0.427',
    high: '0.499',
    oneIn: null,
  });
  assert.equal(writeNumber('auc', { value: 0.463, low: 0.427, high: 0.5 }).high, '0.50');
  assert.equal(writeNumber('gap', { value: 0.3, low: 0.002, high: 0.6 }).low, '+0.002');
  assert.equal(writeNumber('gap', { value: 0.3, low: -0.002, high: 0.6 }).low, '0.00');
  // Closer than can be told in a few decimals: left as it is.
  assert.equal(writeNumber('auc', { value: 0.55, low: 0.5000001, high: 0.6 }).low, '0.50');
});
