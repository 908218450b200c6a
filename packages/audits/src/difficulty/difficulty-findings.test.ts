import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DifficultyReport, finding } from '@engram/contract';
import { interval } from '../testing/made-results.js';
import { difficultyFindings } from './difficulty-findings.js';

function section(rankCorrelation: NonNullable<DifficultyReport['verification']>['rankCorrelation']): DifficultyReport {
  return {
    statement: '',
    estimators: [],
    verification: {
      method: 'noisyFineTune',
      settings: {},
      tolerance: 0.1,
      forgetSets: [],
      rankCorrelation,
      sampleRankCorrelation: [],
    },
    hardest: [],
    easiest: [],
    limits: [],
  };
}

test('a correlation whose whole interval is above 0 is a finding whose number is a correlation', () => {
  const found = difficultyFindings(
    section([
      { estimator: 'privacyLoss', against: 'steps', measured: interval(0.85, 0.4, 0.97) },
      { estimator: 'privacyLoss', against: 'gapBefore', measured: interval(0.9, 0.5, 0.98) },
      { estimator: 'loss', against: 'steps', measured: interval(0.3, -0.1, 0.6) },
    ]),
  );
  assert.deepEqual(
    found.map(({ id }) => id),
    [
      'unlearningDifficulty.privacyLoss.rankCorrelation.steps',
      'unlearningDifficulty.privacyLoss.rankCorrelation.gapBefore',
    ],
  );
  for (const one of found) {
    finding.parse(one);
    assert.deepEqual([one.quantity.kind, one.quantity.direction], ['correlation', 'higherIsBetter']);
  }
});

test('nothing was verified, nothing is found', () => {
  assert.deepEqual(difficultyFindings({ ...section([]), verification: null }), []);
});
