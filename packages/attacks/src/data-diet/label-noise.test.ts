import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError, type ErrorCode } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import fc from 'fast-check';
import { earlyLearningCurve, earlyLearningEpoch, epochsToAccuracy, labelNoiseMemorization } from './early-learning.js';
import { flipLabels, randomizeLabels } from './label-noise.js';

const refused = (code: ErrorCode) => (error: unknown) => error instanceof EngramError && error.code === code;
const drawn = (n: number, classes: readonly number[]) => {
  const random = createRandom(3);
  return Int32Array.from({ length: n }, () => classes[random.integer(classes.length)]);
};

describe('labels changed on purpose', () => {
  it('are as many as asked for, each of another class that occurs, and the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
        const labels = Int32Array.from({ length: n }, (_, i) => [1, 4, 7][i % 3]);
        const { labels: noisy, changed } = flipLabels(labels, share, 5);
        const places = [...changed.keys()].filter((i) => changed[i] === 1);
        assert.equal(places.length, Math.round(share * n));
        for (const [i, label] of noisy.entries()) assert.equal(label !== labels[i], changed[i] === 1);
        assert.ok(noisy.every((label) => labels.includes(label)));
        assert.deepEqual(flipLabels(labels, share, 5).labels, noisy);
      }),
    );
  });

  it('go to every other class equally often', () => {
    const labels = new Int32Array(6000).fill(4);
    labels.set([1, 7, 9]);
    const { labels: noisy } = flipLabels(labels, 1, 8);
    for (const label of [1, 7, 9]) {
      const count = noisy.filter((each) => each === label).length;
      // A third of 6,000 draws: standard deviation 36.5; four of them.
      assert.ok(Math.abs(count - 2000) < 146, `${count} of class ${label}`);
    }
    assert.ok(noisy.filter((each) => each === 4).length <= 3);
  });

  it('agree with the truth once in the number of classes when drawn at random', () => {
    const labels = drawn(6000, [0, 3, 5]);
    const { labels: noisy, changed } = randomizeLabels(labels, 1, 2);
    assert.equal(
      changed.reduce((sum, each) => sum + each, 0),
      6000,
    );
    const agreeing = noisy.filter((label, i) => label === labels[i]).length;
    assert.ok(Math.abs(agreeing - 2000) < 146, `${agreeing} agree`);
    assert.deepEqual(randomizeLabels(labels, 0, 2).labels, labels);
  });

  it('need two classes', () => {
    assert.throws(() => flipLabels(new Int32Array(9).fill(2), 0.1, 1), refused('ENG_ONE_CLASS_ONLY'));
    assert.throws(() => randomizeLabels(new Int32Array(9).fill(2), 0.1, 1), refused('ENG_ONE_CLASS_ONLY'));
  });
});

describe('the early-learning curve', () => {
  // Samples 0 and 1 are flipped from class 0 to 1 and 2; 2 and 3 are clean.
  const labels = { true: [0, 0, 1, 2], taught: [1, 2, 1, 2] };
  const flipped = Uint8Array.of(1, 1, 0, 0);
  const predicted = [
    [2, 0, 1, 0],
    [0, 0, 1, 2],
    [1, 0, 1, 2],
    [1, 2, 1, 2],
  ];
  const curve = earlyLearningCurve(predicted, labels, flipped);

  it('counts true labels, flipped labels and clean samples after every epoch', () => {
    assert.deepEqual([...curve.trueLabel], [0.5, 1, 0.5, 0]);
    assert.deepEqual([...curve.flippedLabel], [0, 0, 0.5, 1]);
    assert.deepEqual([...curve.clean], [0.5, 1, 1, 1]);
  });

  it('has its early-learning point where the truth is known best, the first of equals', () => {
    assert.equal(earlyLearningEpoch(curve), 1);
    assert.equal(earlyLearningEpoch({ trueLabel: Float64Array.of(0.2, 0.7, 0.7) }), 1);
  });

  it('encloses the memorization of label noise with chance', () => {
    // (0 + 0 + 0.5 + 1) / 4 less a third.
    assert.ok(Math.abs(labelNoiseMemorization(curve, 1 / 3) - (0.375 - 1 / 3)) < 1e-12);
    assert.equal(labelNoiseMemorization({ flippedLabel: Float64Array.of(0.25, 0.25) }, 0.25), 0);
  });

  it('needs samples of both kinds', () => {
    assert.throws(() => earlyLearningCurve(predicted, labels, new Uint8Array(4)), refused('ENG_INSUFFICIENT_SAMPLES'));
    assert.throws(
      () => earlyLearningCurve(predicted, labels, new Uint8Array(4).fill(1)),
      refused('ENG_INSUFFICIENT_SAMPLES'),
    );
  });
});

describe('epochs to an accuracy', () => {
  it('are counted from one, and null when it is never reached', () => {
    assert.equal(epochsToAccuracy([0.5, 0.99, 0.98], 0.99), 2);
    assert.equal(epochsToAccuracy([0.5, 0.9], 0.99), null);
  });
});
