import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import type { ClassifierLayer, RegressionLayer } from '../influence/last-layer.js';
import { gradientNorm } from './index.js';
import { lastLayerNorms, type NormOrder } from './last-layer-norms.js';
import { gradientNormScores } from './score.js';

test('is minus the norm', () => {
  assert.deepEqual([...gradientNormScores(Float64Array.of(0.5, 2))], [-0.5, -2]);
});

const layer: ClassifierLayer = {
  features: { data: Float32Array.of(3, -4), shape: [1, 2] },
  logProbabilities: { data: Float64Array.of(0.7, 0.2, 0.1).map(Math.log), shape: [1, 3] },
  labels: Int32Array.of(0),
  head: 'softmax',
  bias: true,
};

test('every norm is that of the whole gradient written out', () => {
  // Error (-0.3, 0.2, 0.1), input (3, -4, 1).
  const gradient = [-0.3, 0.2, 0.1].flatMap((error) => [3, -4, 1].map((x) => Math.abs(error * x)));
  const expected: [NormOrder, number][] = [
    [1, gradient.reduce((a, b) => a + b)],
    [2, Math.hypot(...gradient)],
    ['inf', Math.max(...gradient)],
  ];
  for (const [order, norm] of expected) close(lastLayerNorms(layer, order)[0], norm);
  close(lastLayerNorms(layer, 2)[0], Math.hypot(0.3, 0.2, 0.1) * Math.sqrt(1 + 25));
});

test('without a bias the constant input does not count, and one unit has one error', () => {
  close(lastLayerNorms({ ...layer, bias: false }, 2)[0], Math.hypot(0.3, 0.2, 0.1) * 5);
  const sigmoid: ClassifierLayer = {
    ...layer,
    logProbabilities: { data: Float64Array.of(0.25, 0.75).map(Math.log), shape: [1, 2] },
    head: 'sigmoid',
  };
  close(lastLayerNorms(sigmoid, 2)[0], 0.75 * Math.sqrt(26));
});

test('of a regression is that of the squared error: twice the residual times the features', () => {
  const { features, bias } = layer;
  const line: RegressionLayer = { features, bias, head: 'linear', residuals: Float64Array.of(-0.5) };
  // y - f = -0.5, so that d (y - f)^2 = -2 (y - f) df = df: the features and the 1 of the bias.
  close(lastLayerNorms(line, 1)[0], 3 + 4 + 1);
  close(lastLayerNorms(line, 2)[0], Math.sqrt(26));
  close(lastLayerNorms(line, 'inf')[0], 4);
  close(lastLayerNorms({ ...line, residuals: Float64Array.of(2) }, 'inf')[0], 16);
  assert.equal(lastLayerNorms({ ...line, residuals: Float64Array.of(0) }, 2)[0], 0);
});

test('keeps the size of errors that a probability of 1 would hide', () => {
  const sure = { data: Float64Array.of(0, -80, -90), shape: [1, 3] };
  close(lastLayerNorms({ ...layer, logProbabilities: sure }, 'inf')[0] / (4 * (Math.exp(-80) + Math.exp(-90))), 1);
});

test('refuses norms of all layers that are not computed, naming the field', () => {
  assert.equal(gradientNorm.plan({ layers: 'all' }).scoreId, 'gradientNorm-all');
  assert.equal(gradientNorm.plan({ order: 'inf' }).scoreId, 'gradientNorm-inf');
  for (const order of [1, 'inf'])
    assert.throws(
      () => gradientNorm.plan({ layers: 'all', order }, '/attacks/0'),
      (error) =>
        error instanceof EngramError &&
        error.code === 'ENG_REQUEST_INVALID' &&
        error.faults?.[0].pointer === '/attacks/0/order',
    );
});

function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-12 * Math.abs(expected), `${actual} is not ${expected}`);
}
