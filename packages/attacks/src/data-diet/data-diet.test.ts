import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError, type ErrorCode } from '@engram/domain';
import fc from 'fast-check';
import { earlyErrorNorm } from '../unlearning/el2n/score.js';
import { forgettingEvents } from '../unlearning/forgetting/score.js';
import { gradientNormScore } from './gradient-norm-score.js';
import { meanOverRuns, type RunTrace } from './run-trace.js';
import { dataDietScoreIds, dataDietScores } from './scores.js';
import { forgettingCount, mostSuspect, votedLabels } from './suspects.js';

const refused = (code: ErrorCode) => (error: unknown) => error instanceof EngramError && error.code === code;

/** Twenty epochs of ten steps, two samples: the first is learned at once, the second never. */
const run: RunTrace = {
  steps: Array.from({ length: 20 }, (_, epoch) => 10 * (epoch + 1)),
  totalSteps: 200,
  loss: Float64Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? 0.1 : 2)),
  gradientNorm: Float64Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? 1 : 1 + Math.floor(at / 2))),
  el2n: Float64Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? 0 : 1 / (1 + Math.floor(at / 2)))),
  correct: Uint8Array.from({ length: 40 }, (_, at) => 1 - (at % 2)),
};

describe('data-diet scores', () => {
  it('read EL2N and GraNd in the early window, losses over the whole run and at its end', () => {
    const scores = dataDietScores(run, 2);
    assert.deepEqual(Object.keys(scores).sort(), [...dataDietScoreIds].sort());
    // Steps 10 to 20: the first two epochs. 1 and 1/2; 1 and 2.
    assert.deepEqual([...scores.el2n], [0, 0.75]);
    assert.deepEqual([...scores.grand], [1, 1.5]);
    assert.ok(Math.abs(scores.cumulativeLoss[0] - 2) < 1e-12 && scores.cumulativeLoss[1] === 40);
    assert.deepEqual([...scores.loss], [0.1, 2]);
    assert.deepEqual([...scores.forgetting], [0, Infinity]);
  });

  it('never read the gradient norm of the initial weights', () => {
    const initial = { ...run, steps: [0, ...Array.from(run.steps).slice(1)] };
    assert.throws(() => gradientNormScore(initial, { from: 0.05, to: 0.1 }), refused('ENG_ESTIMATOR_NOT_APPLICABLE'));
    assert.deepEqual([...earlyErrorNorm(initial, { from: 0.05, to: 0.1 }).difficulty], [0, 0.5]);
  });

  it('count right answers lost again, and keep samples never learned apart in JSON', () => {
    // 0,1,1,0,1,0 loses a right answer twice; all zeros were never learned.
    const events = forgettingEvents([0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0], 2);
    assert.deepEqual([...events], [2, Infinity]);
    assert.deepEqual(JSON.parse(JSON.stringify(Array.from(events, forgettingCount))), [2, 'neverLearned']);
  });

  it('average over runs, a sample never learned in one run staying never learned', () => {
    assert.deepEqual(
      [...meanOverRuns([Float64Array.of(1, 0, 2), Float64Array.of(2, Infinity, 4)])],
      [1.5, Infinity, 3],
    );
  });
});

describe('the samples to look at again', () => {
  it('come most suspect first, never learned before all, and of equals the first', () => {
    assert.deepEqual([...mostSuspect([0.2, Infinity, 0.9, 0.9, Infinity], 4)], [1, 4, 2, 3]);
    assert.deepEqual([...mostSuspect([1, 2], 5)], [1, 0]);
  });

  it('are the same samples whatever increasing function their scores go through', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 30 }), (scores) => {
        assert.deepEqual(
          mostSuspect(scores, 10),
          mostSuspect(
            scores.map((score) => 8 * score),
            10,
          ),
        );
      }),
    );
  });

  it('carry the label predicted most often and the share of votes for it', () => {
    const { labels, shares } = votedLabels(
      [
        [2, 1, 0],
        [2, 0, 0],
        [1, 1, 2],
        [2, 0, 1],
      ],
      3,
    );
    // Sample 1 has two votes each for 0 and 1: the lowest.
    assert.deepEqual([...labels], [2, 0, 0]);
    assert.deepEqual([...shares], [0.75, 0.5, 0.5]);
  });
});
