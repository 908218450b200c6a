import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '@engram/numeric';
import {
  estimateCmi,
  informationOfGaussianShift,
  informationOfGuesses,
  informationOfTracer,
  traceability,
} from '../index.js';

const near = (got: number, want: number, tolerance = 5.1e-7) =>
  assert.ok(Math.abs(got - want) <= tolerance, `expected ${want}, got ${got}`);

/** Minus the distance of each record to its nearest training record, in one dimension. */
const nearest = (records: Float64Array, training: Float64Array) =>
  records.map((x) => -training.reduce((least, t) => Math.min(least, Math.abs(x - t)), Number.POSITIVE_INFINITY));

describe('traceability', () => {
  const random = createRandom(1);
  const draw = (n: number) => Float64Array.from({ length: n }, () => random.normal());
  const training = draw(400);
  const membership = Uint8Array.from({ length: 800 }, (_, i) => Number(i < 400));
  const options = { falseAccusations: 0.01, trainingSize: 400 };

  it('of nearest neighbours on continuous data is perfect: none accused wrongly, every record traced', () => {
    const scores = nearest(Float64Array.of(...training, ...draw(400)), training);
    const found = traceability(scores, membership, { ...options, calibrationScores: nearest(draw(2000), training) });
    assert.ok(found.status === 'measured' && found.recall.status === 'measured');
    assert.deepEqual([found.traced, found.recall.value, found.traceable], [400, 1, true]);
    assert.ok(found.tracedAtLeast > 0.99 * 400);
    assert.equal(found.expectedFalseAccusations, 4);
  });

  it('is not sound where fresh records repeat training records', () => {
    const repeated = Float64Array.from({ length: 400 }, () => training[random.integer(400)]);
    const scores = nearest(Float64Array.of(...training, ...repeated), training);
    const found = traceability(scores, membership, { ...options, calibrationScores: nearest(draw(2000), training) });
    assert.ok(found.status === 'measured' && !found.sound && found.soundness > 0.99);
  });

  it('of scores that know nothing is none', () => {
    const found = traceability(draw(800), membership, { ...options, calibrationScores: draw(2000) });
    assert.ok(found.status === 'measured' && !found.traceable);
  });

  it('is not measured when too few records were kept apart to set the threshold', () => {
    const found = traceability(draw(800), membership, { ...options, calibrationScores: draw(50) });
    assert.deepEqual(
      [found.status, found.status === 'notMeasured' && found.code],
      ['notMeasured', 'ENG_INSUFFICIENT_SAMPLES'],
    );
  });
});

describe('conditional mutual information', () => {
  it('of guesses has the published values per pair', () => {
    for (const [accuracy, bits] of [
      [0.6, 0.029049],
      [0.76025, 0.205376],
      [0.9, 0.531004],
      [0.99, 0.919207],
    ])
      near(informationOfGuesses([{ guesses: 1, accuracy }]), bits);
  });

  it('is all bits for a perfect tracer, and adds up over bins', () => {
    assert.equal(informationOfGuesses([{ guesses: 40, accuracy: 1 }]), 40);
    near(
      informationOfGuesses([
        { guesses: 10, accuracy: 0.9 },
        { guesses: 30, accuracy: 0.6 },
      ]),
      10 * 0.531004 + 30 * 0.029049,
      3e-5,
    );
  });

  it('of a tracer with recall 0.5 and 1 % false accusations is the published one', () => {
    near(informationOfTracer(0.5, 0.01), 0.459603);
    assert.equal(informationOfTracer(0, 0), 0);
  });

  it('of a Gaussian score has the published values, and exceeds that of one guess', () => {
    for (const [shift, bits, guess] of [
      [0.5, 0.04373, 0.028298],
      [1, 0.160747, 0.108522],
      [2, 0.485944, 0.368917],
      [3, 0.759979, 0.646106],
    ]) {
      near(informationOfGaussianShift(shift), bits);
      assert.ok(bits > guess);
    }
  });

  it('estimated from the scores of a perfect tracer is one bit a pair less the correction', () => {
    const membership = Uint8Array.from({ length: 200 }, (_, i) => i % 2);
    const { bitsPerPair, pairs } = estimateCmi(membership, membership, { seed: 1 });
    assert.equal(pairs, 100);
    near(bitsPerPair, 1 - 1 / (200 * Math.LN2), 1e-12);
  });

  it('estimated from scores that know nothing averages 0 but for the floor', () => {
    let sum = 0;
    const membership = Uint8Array.from({ length: 400 }, (_, i) => i % 2);
    for (let run = 0; run < 200; run += 1) {
      const random = createRandom(run);
      sum += estimateCmi(membership.map(() => 0).map(Number), membership, { seed: run }).bitsPerPair;
      sum += estimateCmi(
        Float64Array.from(membership, () => random.normal()),
        membership,
        { seed: run },
      ).bitsPerPair;
    }
    // The plug-in of 200 coin flips averages 0.0036 bits; after correction the positive part averages about half of it.
    assert.ok(sum / 400 < 0.004, `${sum / 400}`);
  });

  it('averages 0 before the floor, where scores know nothing', () => {
    const membership = Uint8Array.from({ length: 400 }, (_, i) => i % 2);
    let sum = 0;
    for (let run = 0; run < 400; run += 1) {
      const random = createRandom(run);
      const scores = Float64Array.from(membership, () => random.normal());
      sum += estimateCmi(scores, membership, { seed: run }).unflooredBits;
    }
    // 200 flips: the plug-in is chi-squared / (400 ln 2), of deviation 0.0051; four standard errors of 400 runs are 0.00102.
    assert.ok(Math.abs(sum / 400) < 0.00102, `${sum / 400}`);
  });

  it('gains from telling sure guesses from unsure ones', () => {
    const random = createRandom(3);
    const membership = Uint8Array.from({ length: 20_000 }, (_, i) => i % 2);
    const scores = Float64Array.from(membership, (member) => random.normal() + 2 * member);
    const one = estimateCmi(scores, membership, { seed: 1 });
    const several = estimateCmi(scores, membership, { seed: 1, gapEdges: [0.5, 1, 2, 3, 4] });
    assert.ok(several.bitsPerPair > one.bitsPerPair + 0.05);
    // A pair's gap has twice the shift and root two of the spread of one score: the most it can tell.
    assert.ok(several.bitsPerPair < informationOfGaussianShift(2 * Math.SQRT2));
  });
});
