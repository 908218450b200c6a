import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { necessityReport } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { clopperPearson } from '@engram/metrics';
import { type NecessityEvidence, necessityOf } from './necessity.js';

const between = (low: number, high: number): Measured => ({
  status: 'measured',
  value: (low + high) / 2,
  low,
  high,
  confidence: 0.95,
  n: 10,
  method: 'normal',
});

function settle(changed: Partial<NecessityEvidence> = {}) {
  return necessityReport.parse(
    necessityOf({
      removed: 50,
      overSeeds: between(-0.03, -0.01),
      overSamples: between(-0.035, -0.005),
      trainingAccuracies: [1, 0.995, 0.999],
      nearDuplicates: { count: 0, judged: 400 },
      confidence: 0.95,
      ...changed,
    }),
  );
}

describe('whether members are needed for accuracy', () => {
  it('is shown when accuracy falls over seeds and over non-members, and every condition holds', () => {
    const { outcome, statement, conditions, leastTrainingAccuracy, nearDuplicates } = settle();
    assert.equal(outcome, 'shown');
    assert.match(statement, /^The 50 members taken away are needed: .* 2\.0 points fewer/);
    assert.deepEqual(
      conditions.map(({ condition, met }) => [condition, met]),
      [
        ['converged', true],
        ['noNearDuplicates', true],
      ],
    );
    assert.equal(leastTrainingAccuracy, 0.995);
    assert.deepEqual(nearDuplicates, clopperPearson(0, 400, 0.95));
  });

  it('is not shown when either interval reaches zero, or was not measured', () => {
    const unknown: Measured = { status: 'notMeasured', code: 'ENG_INSUFFICIENT_SAMPLES', reason: 'neither varies' };
    for (const changed of [
      { overSeeds: between(-0.03, 0) },
      { overSamples: between(-0.03, 0.001) },
      { overSeeds: between(0.01, 0.03) },
      { overSeeds: unknown },
    ]) {
      const { outcome, statement } = settle(changed);
      assert.equal(outcome, 'notShown');
      assert.match(statement, /was not shown/);
    }
  });

  it('is not claimed when some model has not converged, and says so of the least', () => {
    const { outcome, statement, conditions } = settle({ trainingAccuracies: [1, 0.99499, 1] });
    assert.equal(outcome, 'notClaimed');
    // Not rounded up to the mark it misses.
    assert.match(statement, /is not said\. Some retrained model gets only 99\.4 %/);
    assert.doesNotMatch(statement, /near-duplicate/);
    assert.deepEqual(
      conditions.map(({ met }) => met),
      [false, true],
    );
  });

  it('is not claimed when a non-member repeats a member, or nobody looked, whatever the loss', () => {
    const one = settle({ nearDuplicates: { count: 1, judged: 400 } });
    assert.deepEqual([one.outcome, one.nearDuplicates], ['notClaimed', clopperPearson(1, 400, 0.95)]);
    assert.match(one.statement, /1 of 400 non-members is a near-duplicate of a member/);
    const none = settle({ nearDuplicates: null });
    assert.deepEqual([none.outcome, none.nearDuplicates.status], ['notClaimed', 'notMeasured']);
    const both = settle({ nearDuplicates: { count: 3, judged: 400 }, trainingAccuracies: [0.6] });
    assert.match(both.statement, /only 60\.0 %.* 3 of 400 non-members are near-duplicates/);
  });
});
