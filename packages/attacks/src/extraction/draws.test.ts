import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@engram/numeric';
import fc from 'fast-check';
import { drawsNeeded, extractionCurve, extractionRate, log10DrawsNeeded, probabilityWithin } from './draws.js';

test('draws needed at p_z of 0.162 and 0.001 are as printed', () => {
  const needed = (pz: number, p: number) => drawsNeeded(Math.log(pz), p);
  assert.deepEqual(
    [0.5, 0.9, 0.99, 0.999].map((p) => needed(0.162, p)),
    [4, 14, 27, 40],
  );
  assert.deepEqual(
    [0.1, 0.5, 0.9, 0.999].map((p) => needed(1e-3, p)),
    [106, 693, 2302, 6905],
  );
});

test('planted strings of an add-alpha n-gram need the printed numbers of draws', () => {
  const q = (r: number) => (r + 0.01) / (r + 10);
  const n50 = [1, 10, 100, 1000].map((r) => drawsNeeded(10 * Math.log(q(r)), 0.5));
  assert.deepEqual(n50, [16_275_658_725, 703, 2, 1]);
});

test('a probability of 1e-27 needs 6.931e26 draws, and less than that stays finite in logarithms', () => {
  const n50 = drawsNeeded(Math.log(1e-27), 0.5);
  assert.ok(Math.abs(n50 / 6.931e26 - 1) < 1e-4);
  assert.equal(drawsNeeded(-5000, 0.5), Infinity);
  const log10 = log10DrawsNeeded(-5000, 0.5);
  assert.ok(Math.abs(log10 - (5000 / Math.LN10 + Math.log10(Math.LN2))) < 1e-9);
});

test('certainty needs one draw and impossibility infinitely many', () => {
  assert.equal(drawsNeeded(0, 0.999), 1);
  assert.equal(drawsNeeded(-Infinity, 0.5), Infinity);
  assert.equal(log10DrawsNeeded(-Infinity, 0.5), Infinity);
  assert.equal(probabilityWithin(0, 1), 1);
  assert.equal(probabilityWithin(-Infinity, 1e6), 0);
  assert.equal(probabilityWithin(-1, 0), 0);
});

test('a quotient that is whole is not rounded up', () => {
  assert.equal(drawsNeeded(Math.log(0.5), 0.75), 2);
  assert.equal(drawsNeeded(Math.log(0.1), 1 - 0.9 ** 7), 7);
});

test('the draws needed are the fewest that reach the probability', () => {
  const levels = fc.double({ min: -60, max: -1e-3, noNaN: true });
  fc.assert(
    fc.property(levels, fc.double({ min: 0.01, max: 0.999, noNaN: true }), (logP, p) => {
      const n = drawsNeeded(logP, p);
      assert.ok(probabilityWithin(logP, n) >= p * (1 - 1e-9));
      if (n > 1) assert.ok(probabilityWithin(logP, n - 1) <= p * (1 + 1e-9));
    }),
    { seed: 1 },
  );
});

test('first hits of a model that emits with probability p_z follow 1 - (1 - p_z)^n', () => {
  const random = createRandom(4);
  const pz = 0.05;
  const trials = 100_000;
  const firstHit = new Int32Array(400);
  for (let trial = 0; trial < trials; trial += 1) {
    // The n-th draw is the first hit with probability (1 - p)^(n - 1) p.
    const n = Math.ceil(Math.log(1 - random.uniform()) / Math.log1p(-pz));
    firstHit[Math.min(n, 399)] += 1;
  }
  // Dvoretzky-Kiefer-Wolfowitz at 1e-6: sqrt(ln(2 / 1e-6) / (2 * 1e5)).
  const band = Math.sqrt(Math.log(2e6) / (2 * trials));
  let seen = 0;
  for (let n = 0; n < 399; n += 1) {
    seen += firstHit[n];
    assert.ok(Math.abs(seen / trials - probabilityWithin(Math.log(pz), n)) < band);
  }
});

test('extraction curves never fall and equal the rate at every number of draws', () => {
  const random = createRandom(2);
  const logP = Float64Array.from({ length: 200 }, () => -20 * random.uniform());
  logP[0] = -Infinity;
  const draws = [1, 3, 10, 30, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6];
  const curve = extractionCurve(logP, draws, 0.5);
  draws.forEach((n, at) => {
    assert.equal(curve[at], extractionRate(logP, n, 0.5));
    if (at > 0) assert.ok(curve[at] >= curve[at - 1]);
  });
  assert.ok(Number.isNaN(extractionRate(new Float64Array(0), 10, 0.5)));
});
