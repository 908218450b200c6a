import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '@engram/numeric';
import {
  bayesianEpsilon,
  clopperPearsonEpsilon,
  epsilonOfMu,
  errorCounts,
  gaussianDelta,
  gaussianEpsilon,
  muOfEpsilon,
  privacyCeilings,
  tprCeiling,
  trialErrors,
} from '../index.js';
import { errorBounds } from './error-counts.js';

const near = (got: number, want: number, tolerance = 5.1e-7) =>
  assert.ok(Math.abs(got - want) <= tolerance, `expected ${want}, got ${got}`);
const errors = (falseNegatives: number, positives: number, falsePositives: number, negatives = positives) => ({
  falseNegatives,
  positives,
  falsePositives,
  negatives,
});
const many = errors(600, 1000, 10);

describe('ceilings of attacks on a private model', () => {
  it('are the published ones for epsilon 1, 2 and 4', () => {
    for (const [epsilon, accuracy, advantage, tpr] of [
      [1, 0.7311, 0.4621, 0.0272],
      [2, 0.8808, 0.7616, 0.0739],
      [4, 0.982, 0.964, 0.546],
    ]) {
      near(privacyCeilings(epsilon).accuracy, accuracy, 5.1e-5);
      near(privacyCeilings(epsilon).advantage, advantage, 5.1e-5);
      near(privacyCeilings(epsilon).advantage, Math.tanh(epsilon / 2), 1e-12);
      near(tprCeiling(0.01, epsilon), tpr, 5.1e-5);
    }
  });

  it('leave nothing above chance at epsilon 0, and everything possible without privacy', () => {
    near(tprCeiling(0.3, 0), 0.3, 1e-12);
    assert.equal(tprCeiling(0.01, 100), 1);
    near(privacyCeilings(0, 0.1).advantage, 0.1, 1e-12);
  });

  it('are not passed by the best attack on a Gaussian mechanism', () => {
    // At every rate the trade-off curve of mu = 1 lies under the line of each (epsilon, delta) it satisfies.
    for (const epsilon of [0.5, 1, 3])
      for (const fpr of [0.001, 0.01, 0.1, 0.5]) {
        const random = createRandom(1);
        const n = 20_000;
        const quantile = [...Array(n)].map(() => random.normal()).sort((a, b) => b - a)[Math.floor(fpr * n)];
        let hits = 0;
        for (let i = 0; i < n; i += 1) hits += Number(random.normal() + 1 > quantile);
        const ceiling = tprCeiling(fpr, epsilon, gaussianDelta(1, epsilon));
        // Four standard errors of both simulated rates, the false positives' carried through e^epsilon.
        assert.ok(hits / n <= ceiling + 4 * (Math.exp(epsilon) + 1) * Math.sqrt(fpr / n));
      }
  });
});

describe('the Clopper-Pearson bound over independent trials', () => {
  it('has the published values', () => {
    near(clopperPearsonEpsilon(errors(0, 500, 0), { significance: 0.01, delta: 0 }), 4.541916);
    near(clopperPearsonEpsilon(many, { significance: 0.05, delta: 1e-5 }), 3.004415);
    near(clopperPearsonEpsilon(errors(0, 1000, 0), { significance: 0.05, delta: 1e-5 }), 5.600577);
    const bounds = errorBounds(many, 0.05);
    near(bounds.falseNegativeRate, 0.630531);
    near(bounds.falsePositiveRate, 0.018313);
  });

  it('does not mind which side the errors are on', () => {
    const options = { significance: 0.05, delta: 1e-5 };
    assert.equal(clopperPearsonEpsilon(errors(10, 1000, 600), options), clopperPearsonEpsilon(many, options));
  });

  it('exceeds the epsilon of randomised response in at most 5 % of audits', () => {
    const epsilon = 1;
    const right = 1 / (1 + Math.exp(-epsilon));
    let above = 0;
    for (let audit = 0; audit < 400; audit += 1) {
      const random = createRandom(audit);
      const membership = Uint8Array.from({ length: 400 }, (_, i) => i % 2);
      const told = Float64Array.from(membership, (member) => (random.uniform() < right ? member : 1 - member));
      const { counts } = trialErrors(told, membership, 0.5, { significance: 0.05, delta: 0, seed: 1 });
      above += Number(clopperPearsonEpsilon(counts, { significance: 0.05, delta: 0 }) > epsilon);
    }
    // Four standard errors above 5 %.
    assert.ok(above / 400 <= 0.05 + 4 * Math.sqrt((0.05 * 0.95) / 400), `${above}`);
  });

  it('is 0 for guesses at random, and refuses a side without trials', () => {
    assert.equal(clopperPearsonEpsilon(errors(50, 100, 50), { significance: 0.05, delta: 0 }), 0);
    assert.throws(() => clopperPearsonEpsilon(errors(0, 0, 0, 10), { significance: 0.05, delta: 0 }), {
      code: 'ENG_INSUFFICIENT_SAMPLES',
    });
  });
});

describe('Gaussian differential privacy', () => {
  it('converts mu to epsilon and back as published', () => {
    for (const [mu, epsilon] of [
      [0.5, 1.993091],
      [1, 4.377178],
      [2, 9.997256],
      [3, 16.675494],
    ])
      near(epsilonOfMu(mu, 1e-5), epsilon);
    for (const [epsilon, mu] of [
      [1, 0.268051],
      [2, 0.501552],
      [4, 0.924931],
      [8, 1.666031],
    ])
      near(muOfEpsilon(epsilon, 1e-5), mu);
  });

  it('gives epsilon 0 as mu goes to 0, and inverts itself', () => {
    assert.deepEqual([epsilonOfMu(0, 1e-5), epsilonOfMu(1e-6, 1e-5)], [0, 0]);
    for (const mu of [0.1, 1, 7]) near(muOfEpsilon(epsilonOfMu(mu, 1e-6), 1e-6), mu, 1e-8);
  });

  it('bounds mu by the published value', () => {
    const { mu, epsilon } = gaussianEpsilon(many, { significance: 0.05, delta: 1e-5 });
    near(mu, 1.756643);
    near(epsilon, 8.530177);
  });
});

describe('the Bayesian interval', () => {
  it('has the published quantiles', () => {
    const wide = bayesianEpsilon(errors(0, 487, 512, 513), { credibility: 0.9, delta: 1e-5 });
    near(wide.low, 0.145, 0.02);
    near(wide.high, 6.4, 0.02);
    near(bayesianEpsilon(many, { credibility: 0.9, delta: 1e-5 }).low, 3.196, 0.005);
  });

  it('is ordered, and narrows with more trials', () => {
    const of = (scale: number) =>
      bayesianEpsilon(errors(30 * scale, 100 * scale, 10 * scale), { credibility: 0.95, delta: 0 });
    const [few, more] = [of(1), of(10)];
    assert.ok(few.low < few.median && few.median < few.high);
    assert.ok(more.high - more.low < 0.5 * (few.high - few.low));
  });
});

describe('counting errors over trials', () => {
  const scores = Float64Array.of(1, 2, 3, 4, 5, 6);
  const membership = Uint8Array.of(0, 0, 1, 0, 1, 1);

  it('calls a trial trained with the canary when its score exceeds the threshold', () => {
    assert.deepEqual(errorCounts(scores, membership, 3), errors(1, 3, 1));
  });

  it('counts on none of the trials the threshold was chosen on', () => {
    const random = createRandom(4);
    const many = Uint8Array.from({ length: 400 }, (_, i) => i % 2);
    const shifted = Float64Array.from(many, (member) => random.normal() + 6 * member);
    const { counts, threshold } = trialErrors(shifted, many, 'disjointHalf', { significance: 0.05, delta: 0, seed: 1 });
    assert.deepEqual([counts.positives, counts.negatives], [100, 100]);
    assert.ok(threshold > 2 && threshold < 4, `${threshold}`);
    const again = trialErrors(shifted, many, 'disjointHalf', { significance: 0.05, delta: 0, seed: 1 });
    assert.deepEqual(again, { counts, threshold });
  });

  it('refuses too few trials to choose on one half and count on the other', () => {
    assert.throws(() => trialErrors([1, 2, 3], [1, 0, 0], 'disjointHalf', { significance: 0.05, delta: 0, seed: 1 }), {
      code: 'ENG_INSUFFICIENT_SAMPLES',
    });
  });
});
