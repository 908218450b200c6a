import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NdArray } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { labelMargins } from '../probability-summary.js';
import { aucOfEven, toySignals } from '../toy-signals.js';
import { quantile } from './index.js';
import { type QuantileHead, type QuantileSignals, quantileScores, rowsForQuantile } from './score.js';

const heads: readonly QuantileHead[] = ['gaussian', 'pinball'];

/**
 * Two classes, two covariates. The margin of a non-member is Gaussian with mean 3 x1 (and 2 more for class 1) and
 * standard deviation 0.5 or 2 by the sign of x2; membership adds `lift` standard deviations. Even samples are members,
 * and of the others `setAside` the first rows.
 */
function madeSignals(n: number, setAside: number, lift: number, seed: number) {
  const random = createRandom(seed);
  const labels = Int32Array.from({ length: n }, () => random.integer(2));
  const covariates: NdArray<Float64Array> = {
    data: Float64Array.from({ length: 2 * n }, () => random.normal()),
    shape: [n, 2],
  };
  const mean = (i: number) => 3 * covariates.data[2 * i] + 2 * labels[i];
  const spread = (i: number) => (covariates.data[2 * i + 1] > 0 ? 2 : 0.5);
  const margins = Float64Array.from(
    labels,
    (_, i) => mean(i) + spread(i) * (random.normal() + (i % 2 === 0 ? lift : 0)),
  );
  let left = setAside;
  const calibration = Uint8Array.from(labels, (_, i) => {
    if (i % 2 === 0 || left === 0) return 0;
    left -= 1;
    return 1;
  });
  const signals = { labels, covariates, calibration, confidence: margins } satisfies QuantileSignals;
  return { signals, margins, mean, spread };
}

test('the margin is the label’s logit less the best of the others, finite where a class has no probability', () => {
  const rows = Float64Array.of(-1, -2, -4, -1, -2, -4, 0, -Infinity, -Infinity);
  const margins = labelMargins({ logProbabilities: { data: rows, shape: [3, 3] } }, Int32Array.of(0, 2, 1));
  assert.deepEqual([...margins], [1, -3, -745]);
});

test('a quantile 1 - alpha takes 20 / alpha rows', () => {
  assert.deepEqual([0.5, 0.9, 0.99, 0.999].map(rowsForQuantile), [40, 200, 2000, 20_000]);
});

test('the Gaussian head comes close to the score with the true mean and spread, far above the margin itself', () => {
  const { signals, margins, mean, spread } = madeSignals(3000, 1000, 1, 2);
  const scores = quantileScores(signals, 'gaussian', 1);
  const ideal = margins.map((margin, i) => (margin - mean(i)) / spread(i));
  // Closed form of the ideal: Phi(1 / sqrt 2) = 0.7602; of the margin, whose sd over samples is above 3, below 0.64.
  assert.ok(Math.abs(aucOfEven(ideal) - 0.7602) < 0.036);
  assert.ok(aucOfEven(margins) < 0.64);
  assert.ok(aucOfEven(scores) > aucOfEven(ideal) - 0.06, `${aucOfEven(scores)} against ${aucOfEven(ideal)}`);
  // Non-members are standardised: mean 0 and spread 1, within what learning from 800 rows costs.
  const theirs = scores.filter((_, i) => i % 2 === 1);
  const centre = theirs.reduce((sum, score) => sum + score, 0) / theirs.length;
  const square = theirs.reduce((sum, score) => sum + score * score, 0) / theirs.length;
  assert.ok(Math.abs(centre) < 0.15 && Math.sqrt(square) > 0.9 && Math.sqrt(square) < 1.5, `${centre}, ${square}`);
});

test('the pinball head leaves one non-member in ten above 0 with 200 rows set aside', () => {
  const { signals } = madeSignals(3000, 200, 0, 3);
  const scores = quantileScores(signals, 'pinball', 1);
  const above = scores.filter((score) => score > 0).length / scores.length;
  // Standard error of a share of 3000 is 0.006; that of a quantile learned from 160 rows is 0.024, and trees add to it.
  assert.ok(above > 0.03 && above < 0.2, `${above}`);
});

for (const head of heads) {
  test(`${head}: rows set aside score like other non-members, so p-values against them are uniform`, () => {
    const { signals } = madeSignals(4000, 600, 0, 4);
    const scores = quantileScores(signals, head, 1);
    const sorted = scores.filter((_, i) => signals.calibration[i] === 1).sort();
    const others = scores.filter((_, i) => signals.calibration[i] === 0);
    for (const alpha of [0.02, 0.1, 0.5]) {
      const threshold = sorted[Math.ceil((1 - alpha) * (sorted.length + 1)) - 1];
      const share = others.filter((score) => score > threshold).length / others.length;
      // Binomial on both sides, four standard errors.
      const tolerance = 4 * Math.sqrt(alpha * (1 - alpha) * (1 / 600 + 1 / others.length));
      assert.ok(Math.abs(share - alpha) < tolerance, `${share} at ${alpha}`);
    }
  });

  test(`${head}: covariates that explain nothing leave the margin’s own ranking all but unchanged`, () => {
    const { signals, margins } = madeSignals(1000, 400, 1, 5);
    const random = createRandom(6);
    const noise = { data: signals.covariates.data.map(() => random.normal()), shape: [1000, 2] };
    const scores = quantileScores({ ...signals, covariates: noise, labels: signals.labels }, head, 1);
    assert.ok(Math.abs(aucOfEven(scores) - aucOfEven(margins)) < 0.05, `${aucOfEven(scores)}, ${aucOfEven(margins)}`);
  });

  test(`${head}: only samples set aside are learned from`, () => {
    const { signals } = madeSignals(600, 250, 1, 7);
    const scores = quantileScores(signals, head, 1);
    // Everything after the last sample set aside is dropped: the scores before it must not move.
    const n = signals.calibration.lastIndexOf(1) + 1;
    assert.ok(n === 500);
    const cut = quantileScores(
      {
        labels: signals.labels.slice(0, n),
        calibration: signals.calibration.slice(0, n),
        covariates: { data: signals.covariates.data.slice(0, 2 * n), shape: [n, 2] },
        confidence: signals.confidence.slice(0, n),
      },
      head,
      1,
    );
    assert.deepEqual(cut, scores.slice(0, n));
  });
}

test('a copy of a sample set aside gets its score, though it is not set aside', () => {
  const { signals } = madeSignals(600, 250, 0, 8);
  const { labels, covariates, calibration, confidence } = structuredClone(signals);
  // Sample 1 is set aside; sample 0 becomes its copy.
  labels[0] = labels[1];
  covariates.data.copyWithin(0, 2, 4);
  confidence[0] = confidence[1];
  const scores = quantileScores({ labels, covariates, calibration, confidence }, 'gaussian', 1);
  assert.equal(calibration[1], 1);
  assert.equal(scores[0], scores[1]);
});

test('reads the ease of toy samples off their covariates', () => {
  const { labels, covariates, calibration, target } = toySignals(1000, 2, 9);
  const scores = quantileScores(
    { labels, covariates, calibration, confidence: labelMargins(target, labels) },
    'gaussian',
    1,
  );
  // Without covariates Phi(2 / sqrt(2 (1.5^2 + 0.7^2))) = 0.80; with the ease known, Phi(2 / (0.7 sqrt 2)) = 0.978.
  assert.ok(aucOfEven(scores) > 0.93, `${aucOfEven(scores)}`);
});

test('learns the error to be expected of a regression: its members stand out by how much smaller theirs is', () => {
  const random = createRandom(10);
  const n = 3000;
  // The error of a non-member spreads by 0.3 or 3 with the sign of x; that of a member half as far.
  const x = Float64Array.from({ length: n }, () => random.normal());
  const squaredErrors = x.map((value, i) => ((value > 0 ? 3 : 0.3) * random.normal() * (i % 2 === 0 ? 0.5 : 1)) ** 2);
  const target = { squaredError: true, scaledConfidence: squaredErrors.map((square) => -Math.log(square + 1e-12)) };
  const signals = {
    target,
    covariates: { data: Float64Array.from({ length: 2 * n }, (_, at) => x[at >> 1] * (1 + (at % 2))), shape: [n, 2] },
    calibration: Uint8Array.from({ length: n }, (_, i) => Number(i % 6 === 1)),
  };
  // With the spread known: (2/pi) arctan 2 = 0.705, standard error 0.01. The errors alone: those of the other side drown it.
  const blind = aucOfEven(squaredErrors.map((square) => -square));
  assert.ok(blind < 0.65, `${blind}`);
  for (const head of heads) {
    const found = aucOfEven(quantile.plan({ head }).score(signals, { seed: 1 }));
    assert.ok(Math.abs(found - 0.705) < 0.04, `${head}: ${found}`);
  }
});

test('both heads give what second-order boosting written with numpy gives on fixed rows', () => {
  const n = 480;
  const covariates = { data: Float64Array.from({ length: n }, (_, i) => (7 * i) % 12), shape: [n, 1] };
  const margins = covariates.data.map(
    (value, i) => (1 + (i % 5) / 4) * Math.sqrt(((37 * i) % 101) + i / 7) + value / 2,
  );
  const signals: QuantileSignals = {
    labels: new Int32Array(n),
    calibration: Uint8Array.from(margins, (_, i) => i % 2),
    covariates,
    confidence: margins,
  };
  // numpy 2.4.6: trees, leaves, folds' losses and the choice of depth and rounds from their definitions; the division into
  // folds taken from here. All 480 scores agree to 2e-15.
  const expected = {
    gaussian: [-3.549690822696235, -1.467258971520039, -0.46668198997632754, -1.6803976475071476],
    pinball: [-22.077428101473306, -12.432568378085994, -8.723548422035158, -13.399358603107887],
  };
  for (const head of heads) {
    const scores = quantileScores(signals, head, 1);
    expected[head].forEach((value, i) => {
      assert.ok(Math.abs(scores[i] - value) < 1e-9, `${head}: ${scores[i]}, not ${value}`);
    });
  }
});
