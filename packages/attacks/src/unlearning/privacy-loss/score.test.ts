import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError, type ErrorCode } from '@engram/domain';
import { createRandom, spearman } from '@engram/numeric';
import { sampledGaussianRenyi } from '../sampled-gaussian.js';
import type { TrainingTrajectory } from '../signals.js';
import { finalModelPrivacyLoss, type PrivacyLossSettings, privacyLoss } from './score.js';

const near = (actual: number, expected: number, relative = 1e-12) =>
  assert.ok(Math.abs(actual / expected - 1) <= relative, `${actual} is not ${expected}`);
const refused = (code: ErrorCode) => (error: unknown) => error instanceof EngramError && error.code === code;

/** Three samples, two moments standing for 10 and 90 steps; 1 % of the training set per batch. */
const small: TrainingTrajectory = {
  steps: [10, 60],
  totalSteps: 100,
  represents: [10, 90],
  batchSize: 10,
  trainingSize: 1000,
  learningRates: [0.1, 0.05],
  gradientNorm: Float64Array.of(1, 2, 8, 0.5, 1, 4),
};
const clipped: PrivacyLossSettings = { order: 8, clip: 2, noise: { kind: 'multiplier', value: 1.5 } };

test('sums the divergence of each moment over the steps it stands for', () => {
  const { privacyLoss: loss } = privacyLoss(small, clipped);
  // Clipped norms over noise 1.5 * 2.
  const step = (norm: number) => sampledGaussianRenyi(8, 0.01, norm / 3);
  near(loss[0], 10 * step(1) + 90 * step(0.5));
  near(loss[1], 10 * step(2) + 90 * step(1));
  near(loss[2], 10 * step(2) + 90 * step(2));
});

test('the noise-free score is the sum of squared, clipped, averaged updates', () => {
  const { noiseFree } = privacyLoss(small, clipped);
  near(noiseFree[2], 10 * ((0.01 * 0.1 * 2) / 10) ** 2 + 90 * ((0.01 * 0.05 * 2) / 10) ** 2);
});

test('noise on the weights brings the step size in', () => {
  const { privacyLoss: loss, gradientNoise } = privacyLoss(small, {
    order: 8,
    clip: 2,
    noise: { kind: 'weights', std: 0.002 },
  });
  const step = (norm: number, rate: number) => sampledGaussianRenyi(8, 0.01, (rate * norm) / (10 * 0.002));
  near(loss[0], 10 * step(1, 0.1) + 90 * step(0.5, 0.05));
  assert.equal(gradientNoise, null);
});

test('nominal noise puts the 99th percentile of sensitivities at 1 and is told', () => {
  const random = createRandom(1);
  const gradientNorm = Float64Array.from({ length: 4000 }, () => Math.exp(random.normal()));
  const trajectory = { ...small, gradientNorm };
  const { gradientNoise, privacyLoss: loss } = privacyLoss(trajectory, {
    order: 8,
    clip: 100,
    noise: { kind: 'nominal' },
  });
  const sorted = gradientNorm.slice().sort();
  assert.ok(Math.abs(gradientNoise! * 10 - sorted[3960]) < 0.3);
  assert.ok(loss.every((value) => value > 0));
});

test('ranks hardly depend on the noise, magnitudes do', () => {
  const random = createRandom(2);
  const gradientNorm = Float64Array.from({ length: 3000 }, () => Math.exp(random.normal()));
  const at = (value: number) =>
    privacyLoss(
      { ...small, steps: [1, 10, 60], represents: [5, 30, 65], learningRates: [0.1, 0.1, 0.1], gradientNorm },
      { order: 8, clip: 5, noise: { kind: 'multiplier', value } },
    ).privacyLoss;
  const [quiet, loud] = [at(0.5), at(5)];
  assert.ok(spearman(quiet, loud) > 0.9);
  assert.ok(quiet[0] > loud[0]);
});

test('the shares of moments sum to 1, and tell a sum carried by one of them', () => {
  const { stepShares, largestShare } = privacyLoss(
    { ...small, gradientNorm: Float64Array.of(9, 9, 9, 0.1, 0.1, 0.1) },
    { ...clipped, clip: 9, noise: { kind: 'multiplier', value: 0.3 } },
  );
  near(stepShares[0] + stepShares[1], 1);
  assert.ok(stepShares[0] > 0.99 && largestShare[0] > 0.99);
});

test('without a clip it is the 90th percentile of the first epoch', () => {
  // One epoch is 100 steps: both moments are in it. Type 7 quantile of (.5, 1, 1, 2, 4, 8) at 0.9 is 6.
  assert.equal(privacyLoss(small, { order: 8, noise: { kind: 'nominal' } }).clip, 6);
  // One epoch is 10 steps: only the first moment, (1, 2, 8).
  const { clip } = privacyLoss({ ...small, trainingSize: 100 }, { order: 8, noise: { kind: 'nominal' } });
  near(clip, 6.8);
});

test('copies raise the loss of those that have them', () => {
  const alone = privacyLoss(small, clipped).privacyLoss;
  const copied = privacyLoss(small, { ...clipped, copies: [1, 4, 400] }).privacyLoss;
  assert.equal(copied[0], alone[0]);
  assert.ok(copied[1] > 2 * alone[1] && copied[2] > 2 * alone[2]);
});

test('gradients of 0 everywhere, noise of 0 and missing step sizes are refused', () => {
  const still = { ...small, gradientNorm: new Float64Array(6) };
  assert.throws(() => privacyLoss(still, { order: 8, noise: { kind: 'nominal' } }), refused('ENG_SATURATED_OUTPUTS'));
  assert.throws(
    () => privacyLoss(still, { order: 8, clip: 1, noise: { kind: 'nominal' } }),
    refused('ENG_SATURATED_OUTPUTS'),
  );
  assert.throws(
    () => privacyLoss(small, { order: 8, clip: 1, noise: { kind: 'multiplier', value: 0 } }),
    refused('ENG_REQUEST_INVALID'),
  );
  const { learningRates: _, ...unrated } = small;
  assert.throws(
    () => privacyLoss(unrated, { order: 8, clip: 1, noise: { kind: 'weights', std: 1 } }),
    refused('ENG_REQUEST_INVALID'),
  );
});

test('at the final model it ranks by gradient norm', () => {
  const norms = Float64Array.of(0.1, 3, 0, 1);
  const loss = finalModelPrivacyLoss(norms, { order: 8, samplingRate: 0.01 });
  assert.deepEqual(
    [...loss.keys()].sort((a, b) => loss[a] - loss[b]),
    [2, 0, 3, 1],
  );
});
