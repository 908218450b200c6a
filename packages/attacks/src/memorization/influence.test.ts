import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, mean } from '@engram/numeric';
import fc from 'fast-check';
import { influenceOf, strongestInfluences } from './influence.js';
import { nearestNeighbour } from './nearest-neighbour.js';
import { subsampledMemorization } from './subsampled-memorization.js';

const samples = 40;
const tests = 10;
const bankOf = (given: Parameters<typeof nearestNeighbour>[0]) => {
  const { bank, answers } = nearestNeighbour(given);
  const { memorization } = subsampledMemorization(bank, 'hard');
  return { bank: { models: bank.models, trainedOn: bank.trainedOn, answers }, memorization };
};
const marks = { memorized: 0.25, influential: 0.15 };

describe('influence', () => {
  it('is 1 where a test sample is right only by the training sample next to it', () => {
    const { bank, memorization } = bankOf({ samples, models: 400, label: (i) => i, tests, truth: (j) => j });
    const found = strongestInfluences(bank, { ...marks, memorization, perTest: 2 });
    for (let j = 0; j < tests; j += 1) {
      assert.deepEqual([found.topSamples[2 * j], found.topInfluences[2 * j]], [j, 1]);
      assert.deepEqual([found.strongestTest[j], found.strongestInfluence[j]], [j, 1]);
    }
    assert.ok(found.pairs >= tests);
    assert.equal(found.testsReached, tests);
  });

  it('is -1 where a test sample is wrong only by the training sample next to it', () => {
    // All labels are 0 but those of the neighbours; every test sample is of class 0.
    const { bank } = bankOf({ samples, models: 400, label: (i) => (i === 3 ? 1 : 0), tests: 4 });
    assert.equal(influenceOf(bank, 3, 3, 'hard').influence, -1);
    const memorization = new Float64Array(samples);
    memorization[3] = 1;
    const found = strongestInfluences(bank, { ...marks, memorization, perTest: 1 });
    assert.deepEqual([found.mirroredPairs, found.mirroredTests, found.pairs], [1, 1, 0]);
  });

  it('is 0 in expectation between samples that have nothing to do with each other', () => {
    const models = 400;
    const { bank } = bankOf({ samples, models, label: (i) => i, tests, truth: (j) => j });
    const unrelated = Array.from({ length: tests }, (_, j) => influenceOf(bank, 20 + j, j, 'hard'));
    // Balanced halves: an unrelated sample is in with the neighbour (n/2 - 1)/(n - 1) of the time, -1/(n - 1) on average.
    const expected = -1 / (samples - 1);
    const spread = mean(unrelated.map(({ standardError }) => standardError)) / Math.sqrt(tests);
    assert.ok(Math.abs(mean(unrelated.map(({ influence }) => influence)) - expected) < 4 * spread);
  });

  it('of a constant classifier is 0', () => {
    const { bank, memorization } = bankOf({ samples, models: 20, label: () => 0, tests });
    const found = strongestInfluences(bank, { ...marks, memorization, perTest: 3 });
    assert.ok(found.topInfluences.every((value) => value === 0));
    assert.deepEqual([found.pairs, found.mirroredPairs], [0, 0]);
  });

  it('comes out the same however few test samples are held at once, and as pair by pair', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 7 }), (seed, n, width) => {
        const random = createRandom(seed);
        const models = 6;
        const trainedOn = Uint8Array.from({ length: models * n }, () => random.integer(2));
        const answers = Float32Array.from({ length: models * width }, () => random.uniform());
        const bank = { models, trainedOn, answers };
        const memorization = Float64Array.from({ length: n }, () => random.uniform());
        const options = { ...marks, memorization, perTest: 2 };
        const whole = strongestInfluences(bank, options);
        assert.deepEqual(strongestInfluences(bank, { ...options, held: n }), whole);
        let pairs = 0;
        for (let j = 0; j < width; j += 1) {
          const column = Array.from({ length: n }, (_, i) => influenceOf(bank, i, j, 'soft').influence);
          pairs += column.filter((value, i) => memorization[i] >= 0.25 && value >= 0.15).length;
          const sorted = column.filter((value) => !Number.isNaN(value)).sort((a, b) => b - a);
          for (let place = 0; place < 2; place += 1) {
            const expected = sorted[place] ?? Number.NaN;
            const got = whole.topInfluences[2 * j + place];
            assert.ok(Number.isNaN(expected) ? Number.isNaN(got) : Math.abs(got - expected) < 1e-12);
          }
        }
        assert.equal(whole.pairs, pairs);
      }),
      { numRuns: 60 },
    );
  });
});
