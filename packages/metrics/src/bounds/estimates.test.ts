import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '@engram/numeric';
import { epsilonOfMu, estimateGaussianEpsilon, estimateLogRatio, estimateMu } from '../index.js';

function canaries(n: number, shift: number, seed: number) {
  const random = createRandom(seed);
  const membership = Uint8Array.from({ length: n }, (_, i) => i % 2);
  return { membership, scores: Float64Array.from(membership, (member) => 3 * random.normal() + 3 * shift * member) };
}

describe('estimates of privacy that are no bounds', () => {
  it('find the separation of Gaussian scores with the published standard error', () => {
    let held = 0;
    for (let run = 0; run < 100; run += 1) {
      const { scores, membership } = canaries(400, 1, run);
      const { kind, measured } = estimateMu(scores, membership);
      assert.ok(kind === 'estimate' && measured.status === 'measured');
      held += Number(measured.low <= 1 && 1 <= measured.high);
      // 1.96 sqrt(4/400 + mu^2/800)
      const width = 1.959964 * Math.sqrt(0.01 + measured.value ** 2 / 800);
      assert.ok(Math.abs(measured.high - measured.value - width) < 1e-6);
    }
    // Four standard errors below 95 of 100.
    assert.ok(held >= 86, `${held}`);
  });

  it('state the separation as the epsilon of a Gaussian mechanism', () => {
    const { scores, membership } = canaries(400, 1, 1);
    const mu = estimateMu(scores, membership).measured;
    const { measured } = estimateGaussianEpsilon(scores, membership, 1e-5);
    assert.ok(mu.status === 'measured' && measured.status === 'measured');
    assert.deepEqual([measured.value, measured.low], [epsilonOfMu(mu.value, 1e-5), epsilonOfMu(mu.low, 1e-5)]);
  });

  it('take the log-ratio of rates where 50 false positives stand', () => {
    // Left out: 1..200. Included: 101..300. 50 left out score 151 or more, and 150 included do: ln(150/50) = ln 3.
    const scores = [...Array(200).keys(), ...Array(200).keys()].map((i, row) => (row < 200 ? i + 1 : i + 101));
    const membership = scores.map((_, row) => Number(row >= 200));
    const { measured } = estimateLogRatio(scores, membership);
    assert.ok(measured.status === 'measured');
    assert.ok(Math.abs(measured.value - Math.log(3)) < 1e-12);
    // sqrt(1/150 - 1/200 + 1/50 - 1/200) = sqrt(1/60)
    assert.ok(Math.abs(measured.high - measured.value - 1.959964 / Math.sqrt(60)) < 1e-6);
  });

  it('are not measured where there is too little to estimate from', () => {
    const few = canaries(10, 1, 1);
    assert.equal(estimateMu(few.scores, few.membership).measured.status, 'notMeasured');
    assert.equal(estimateMu(new Float64Array(100), canaries(100, 1, 1).membership).measured.status, 'notMeasured');
    assert.equal(estimateLogRatio(few.scores, few.membership).measured.status, 'notMeasured');
  });
});
