import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dataDietScoreIds } from '@engram/attacks';
import type { Bundle, Measured, NdArray } from '@engram/domain';
import { clopperPearson } from '@engram/metrics';
import { interval } from '../testing/made-results.js';
import { earlyLearningSection } from './early-learning-section.js';
import { labelMemorizationFindings } from './findings.js';
import { labelReview } from './label-review.js';
import { meanOverRuns } from './mean-over-runs.js';
import { noisyLabelDetection } from './noisy-label-detection.js';
import { randomLabelCapacity } from './random-label-capacity.js';

const table = (rows: readonly (readonly number[])[]): NdArray => ({
  data: Float64Array.from(rows.flat()),
  shape: [rows.length, rows[0].length],
});
const list = (...values: number[]): NdArray => ({ data: Float64Array.from(values), shape: [values.length] });
const bundle = (arrays: Record<string, NdArray>, meta: Bundle['meta']): Bundle => ({ arrays, meta });
const value = (measured: Measured) => (measured.status === 'measured' ? measured.value : Number.NaN);

describe('a mean over runs', () => {
  it('has Student’s interval over runs when they differ more than each is uncertain', () => {
    // Values 0.5, 0.6, 0.7: standard deviation 0.1, t(0.975; 2) = 4.302653; half-width 0.248414.
    const runs = [0.5, 0.6, 0.7].map((at) => interval(at, at - 0.01, at + 0.01));
    const mean = meanOverRuns(runs, 0.95);
    assert.ok(mean.status === 'measured' && mean.n === 3);
    assert.ok(Math.abs(mean.value - 0.6) < 1e-12);
    assert.ok(Math.abs(mean.low - (0.6 - 0.248414)) < 1e-6 && Math.abs(mean.high - (0.6 + 0.248414)) < 1e-6);
  });

  it('is no surer than one run when all runs agree, and stays among fractions', () => {
    const mean = meanOverRuns([interval(0.9, 0.8, 0.97), interval(0.9, 0.84, 0.99)], 0.95);
    assert.ok(mean.status === 'measured');
    assert.ok(Math.abs(mean.low - 0.82) < 1e-12 && Math.abs(mean.high - 0.98) < 1e-12);
    const wide = meanOverRuns([interval(0.2, 0.1, 0.3), interval(0.9, 0.8, 1)], 0.95);
    assert.ok(wide.status === 'measured' && wide.low === 0 && wide.high === 1);
  });

  it('is the run itself when there is one, and not measured when one run is not', () => {
    assert.deepEqual(meanOverRuns([interval(0.7, 0.6, 0.8)], 0.95), interval(0.7, 0.6, 0.8));
    const missing: Measured = { status: 'notMeasured', code: 'ENG_ONE_CLASS_ONLY', reason: 'none flipped' };
    assert.deepEqual(meanOverRuns([interval(0.7, 0.6, 0.8), missing], 0.95), missing);
  });
});

describe('random-label capacity', () => {
  it('states accuracies out of the samples of one model, and the epochs until 99 %', () => {
    const trained = bundle(
      {
        right: table([
          [150, 199, 200],
          [100, 150, 180],
        ]),
        random: list(0, 200),
        randomRight: list(0, 180),
        heldOutRight: list(45, 26),
      },
      { corruption: [0, 1], seeds: 1, members: 200, nonMembers: 50, classes: 4 },
    );
    const { levels, chance, epochs } = randomLabelCapacity(trained, 0.95);
    assert.deepEqual([chance, epochs], [0.25, 3]);
    const [asTheyAre, random] = levels;
    assert.deepEqual(asTheyAre.trainingAccuracy, clopperPearson(200, 200, 0.95));
    assert.deepEqual(random.randomLabelAccuracy, clopperPearson(180, 200, 0.95));
    assert.deepEqual(random.heldOutAccuracy, clopperPearson(26, 50, 0.95));
    assert.equal(asTheyAre.randomLabelAccuracy.status, 'notMeasured');
    const time = ({ epochsToFit: fit }: typeof random) => fit.status === 'measured' && [fit.low, fit.value, fit.high];
    assert.deepEqual([time(asTheyAre), asTheyAre.censored], [[1, 2, 2], false]);
    assert.deepEqual([time(random), random.censored], [[3, 3, 3], true]);
  });
});

describe('finding flipped labels', () => {
  const n = 8;
  const flipped = [1, 1, 0, 0, 0, 0, 0, 0];
  /** Every score but GraNd puts the flipped samples last; GraNd puts both first. */
  const scores = (what: string) =>
    Object.fromEntries(
      dataDietScoreIds.map((id) => [
        `${what}.${id}`,
        table([[id === 'grand' ? 9 : 0, id === 'grand' ? 8 : 0, 1, 2, 3, 4, 5, id === 'forgetting' ? Infinity : 6]]),
      ]),
    );
  const trained = bundle(
    {
      flipped: table([flipped]),
      ...scores('noisy'),
      ...scores('given'),
      'noisy.votedTrue': table([[1, 0, 0, 0, 0, 0, 0, 0]]),
      label: list(...flipped),
      'given.votedLabel': list(0, 0, 0, 0, 0, 0, 0, 1),
      'given.voteShare': list(1, 1, 1, 1, 1, 1, 1, 0.75),
    },
    { flip: 0.25, epochs: 5 },
  );

  it('names the score that does best, and how pure its list would be', () => {
    const found = noisyLabelDetection(trained, 4, { confidence: 0.95, seed: 1 });
    assert.deepEqual([found.best, found.flipped, found.runs], ['grand', 2, 1]);
    assert.equal(value(found.scores.find(({ score }) => score === 'grand')!.auroc), 1);
    assert.equal(value(found.scores.find(({ score }) => score === 'el2n')!.auroc), 0);
    // Two flipped among the four highest; one of two flipped voted back to the truth.
    assert.deepEqual(found.precisionOfReview, clopperPearson(2, 4, 0.95));
    assert.deepEqual(found.votesForTruth, clopperPearson(1, 2, 0.95));
  });

  it('lists the most suspect with all their scores, never learned kept apart, and scores everyone', () => {
    const samples = { ids: Array.from({ length: n }, (_, i) => `s${i}`), datasets: Array(n).fill('members') };
    const { review, suspicion } = labelReview(trained, samples, { score: 'forgetting', share: 0.25, count: 2 });
    assert.deepEqual(
      review.listed.map(({ sampleId, score }) => [sampleId, score]),
      [
        ['s7', 'neverLearned'],
        ['s6', 5],
      ],
    );
    const { label, votedLabel, voteShare, scores: all } = review.listed[0];
    assert.deepEqual([label, votedLabel, voteShare, all.el2n], [0, 1, 0.75, 6]);
    assert.deepEqual(JSON.parse(JSON.stringify(review)), review);
    assert.equal(suspicion[7], Infinity);
  });

  it('names no more than a hundred', () => {
    const many = 500;
    const wide = bundle(
      {
        ...Object.fromEntries(dataDietScoreIds.map((id) => [`given.${id}`, table([Array.from(Array(many).keys())])])),
        label: list(...Array(many).fill(0)),
        'given.votedLabel': list(...Array(many).fill(0)),
        'given.voteShare': list(...Array(many).fill(1)),
      },
      {},
    );
    const samples = { ids: Array.from({ length: many }, (_, i) => `s${i}`), datasets: Array(many).fill('members') };
    const { review } = labelReview(wide, samples, { score: 'loss', share: 0.5, count: 250 });
    assert.deepEqual([review.count, review.listed.length, review.listed[99].sampleId], [250, 100, 's400']);
  });
});

describe('the early-learning section', () => {
  const trained = bundle(
    {
      'curve.trueLabel': table([
        [0.5, 0.9, 0.1],
        [0.6, 0.5, 0.3],
      ]),
      'curve.flippedLabel': table([
        [0.1, 0.1, 0.9],
        [0.2, 0.3, 0.7],
      ]),
      'curve.clean': table([
        [0.5, 0.9, 1],
        [0.7, 0.9, 1],
      ]),
      'curve.heldOut': table([
        [0.5, 0.8, 0.7],
        [0.5, 0.8, 0.7],
      ]),
    },
    { members: 100, nonMembers: 40, flipped: 10, classes: 2 },
  );

  it('gives the point, the rise after it and the area against chance, over runs', () => {
    const found = earlyLearningSection(trained, 0.95);
    assert.deepEqual(found.pointPerRun, [2, 1]);
    // Two runs: their range covers the median half of the time.
    assert.deepEqual(found.point, {
      status: 'measured',
      value: 1.5,
      low: 1,
      high: 2,
      confidence: 0.5,
      n: 2,
      method: 'order',
    });
    // 0.9 - 0.1 and 0.7 - 0.2.
    assert.ok(Math.abs(value(found.riseAfterPoint) - 0.65) < 1e-12);
    // Student's interval of 0.8 and 0.5 is 0.65 ± 1.9; a share cannot rise or fall by more than 1.
    assert.ok(found.riseAfterPoint.status === 'measured');
    assert.deepEqual([found.riseAfterPoint.low, found.riseAfterPoint.high], [-1, 1]);
    // Means 1.1 / 3 and 1.2 / 3 less a half.
    assert.ok(Math.abs(value(found.labelNoiseMemorization) - (2.3 / 6 - 0.5)) < 1e-12);
    assert.deepEqual(found.epochs, [1, 2, 3]);
    assert.ok(found.trueLabel.low[1] < 0.7 && found.trueLabel.value[1] === 0.7 && found.trueLabel.high[1] > 0.7);
    const one = clopperPearson(95, 100, 0.95);
    assert.ok(one.status === 'measured' && found.clean.low[1] < one.low, 'out of the 90 left alone in one run');
  });
});

describe('findings on label memorization', () => {
  const none = { randomLabels: null, noisyLabels: null, review: null, earlyLearning: null };
  const level = (corruption: number, accuracy: Measured) => ({
    corruption,
    trainingAccuracy: accuracy,
    randomLabelAccuracy: accuracy,
    heldOutAccuracy: interval(0.5, 0.4, 0.6),
    epochsToFit: interval(9, 8, 9),
    censored: false,
  });
  const capacity = (accuracy: Measured) => ({
    ...none,
    randomLabels: { epochs: 30, seeds: 1, chance: 0.1, levels: [level(0, accuracy), level(1, accuracy)] },
  });

  it('say that random labels are memorised when all are, and in part when only more than chance are', () => {
    const [wholly] = labelMemorizationFindings(capacity(interval(1, 0.99, 1)));
    assert.deepEqual([wholly.id, wholly.severity], ['labelMemorization.randomLabels', 'low']);
    assert.deepEqual([wholly.quantity.kind, wholly.quantity.chance], ['rate', 0.1]);
    assert.ok(wholly.statement.startsWith('The architecture memorises random labels:'));
    const [partly] = labelMemorizationFindings(capacity(interval(0.4, 0.3, 0.5)));
    assert.equal(partly.severity, 'info');
    assert.deepEqual(labelMemorizationFindings(capacity(interval(0.12, 0.09, 0.15))), []);
    assert.deepEqual(labelMemorizationFindings(none), []);
  });
});
