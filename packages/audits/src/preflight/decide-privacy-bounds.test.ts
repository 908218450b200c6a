import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest } from '@engram/contract';
import { EngramError } from '@engram/domain';
import type { AuditResources } from '../resources.js';
import { classifier, dataset } from '../testing/made-resources.js';
import { decide } from './decide.js';

type Bounds = NonNullable<AuditRequestInput['tests']['privacyBounds']>;

function settle(tests: Bounds, members = 500, nonMembers = 480, resources: Partial<AuditResources> = {}) {
  const fields = { loss: [], label: [] };
  const datasets = {
    members: dataset({ id: 'members', count: members, fields }),
    nonMembers: dataset({ id: 'nonMembers', count: nonMembers, fields }),
  };
  const request = auditRequest.parse({
    data: { members: 'dst_members1', nonMembers: 'dst_nonMembers1' },
    tests: { privacyBounds: tests },
  });
  return decide('aud_1', request, { datasets, ...resources }).decisions;
}

const coins = { inclusion: 'independentCoins' } as const;
const trials = { design: 'independentTrials' } as const;

describe('preflight of bounds on epsilon', () => {
  it('declares a tenth of the canaries on each side unless guesses are named', () => {
    const { privacyBounds } = settle(coins);
    assert.ok(privacyBounds?.design === 'oneRun');
    assert.deepEqual(privacyBounds.guesses, { in: 98, out: 98 });
    assert.deepEqual(
      [privacyBounds.score.scoreId, privacyBounds.delta, privacyBounds.significance, privacyBounds.claimedEpsilon],
      ['loss', 1e-5, 0.05, null],
    );
  });

  it('chooses the threshold of trials on half of them unless one is named', () => {
    const [split, fixed] = [settle(trials).privacyBounds, settle({ ...trials, threshold: -1 }).privacyBounds];
    assert.ok(split?.design === 'independentTrials' && fixed?.design === 'independentTrials');
    assert.deepEqual([split.threshold, fixed.threshold], ['disjointHalf', -1]);
  });

  it('tells of few canaries, of an exact half, of delta 0, and of a claim that cannot be refuted', () => {
    const { notices } = settle({ ...coins, delta: 0, claimedEpsilon: 9 }, 150, 150);
    for (const about of [/300 canaries can show only small/, /Exactly half/, /At delta 0/, /cannot refute epsilon 9/])
      assert.ok(
        notices.some((notice) => about.test(notice)),
        String(about),
      );
  });

  const model = { ...classifier() };
  const refusals: readonly [string, () => unknown, string, string][] = [
    [
      'no statement of how canaries were included',
      () => settle({}),
      'ENG_REQUEST_INVALID',
      '/tests/privacyBounds/inclusion',
    ],
    [
      'an exact half, for which the proof breaks',
      () => settle({ inclusion: 'exactHalf' }),
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/privacyBounds/inclusion',
    ],
    ['fewer than 100 canaries', () => settle(coins, 50, 49), 'ENG_INSUFFICIENT_SAMPLES', '/data/members'],
    ['one side only', () => settle(coins, 0, 400), 'ENG_ONE_CLASS_ONLY', '/data/members'],
    ['coins that fell as no fair ones do', () => settle(coins, 700, 300), 'ENG_ATTACK_NOT_APPLICABLE', '/data/members'],
    [
      'more guesses than canaries',
      () =>
        settle({
          ...coins,
          guesses: {
            grid: [
              { in: 10, out: 10 },
              { in: 500, out: 481 },
            ],
          },
        }),
      'ENG_REQUEST_INVALID',
      '/tests/privacyBounds/guesses/grid/1',
    ],
    [
      'no guesses',
      () => settle({ ...coins, guesses: { in: 0, out: 0 } }),
      'ENG_REQUEST_INVALID',
      '/tests/privacyBounds/guesses',
    ],
    [
      'a score that needs reference models',
      () => settle({ ...coins, score: 'lira' }),
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/privacyBounds/score',
    ],
    [
      'a score these outputs do not give',
      () => settle({ ...coins, score: 'entropy' }),
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/privacyBounds/score',
    ],
    [
      'a score that ranks exposure',
      () =>
        settle({ ...coins, score: 'lossTraceIqr' }, 500, 480, {
          datasets: {
            members: dataset({ id: 'm', count: 500, fields: { loss: [], lossTrace: [4] } }),
            nonMembers: dataset({ id: 'n', count: 480, fields: { loss: [], lossTrace: [4] } }),
          },
        }),
      'ENG_ATTACK_NOT_APPLICABLE',
      '/tests/privacyBounds/score',
    ],
    [
      'a threshold for one run',
      () => settle({ ...coins, threshold: 0 }),
      'ENG_REQUEST_INVALID',
      '/tests/privacyBounds/threshold',
    ],
    [
      'guesses for trials',
      () => settle({ ...trials, guesses: { in: 1, out: 1 } }),
      'ENG_REQUEST_INVALID',
      '/tests/privacyBounds/guesses',
    ],
    ['too few trainings on a side', () => settle(trials, 500, 9), 'ENG_INSUFFICIENT_SAMPLES', '/data/nonMembers'],
    [
      'trials of one model',
      () =>
        settle(trials, 500, 500, {
          model,
          datasets: { members: dataset({ id: 'm', count: 500 }), nonMembers: dataset({ id: 'n', count: 500 }) },
        }),
      'ENG_ATTACK_NOT_APPLICABLE',
      '/model',
    ],
  ];
  for (const [what, attempt, code, pointer] of refusals)
    it(`refuses ${what}`, () => {
      assert.throws(attempt, (error) => {
        assert.ok(error instanceof EngramError);
        assert.deepEqual([error.code, error.faults[0].pointer], [code, pointer], error.message);
        return (error.remedy ?? '').length > 0;
      });
    });

  it('refuses settings outside their range where they stand', () => {
    for (const [field, value] of [
      ['delta', 1],
      ['delta', -1e-9],
      ['significance', 0],
      ['claimedEpsilon', -1],
    ] as const) {
      const parsed = auditRequest.safeParse({
        data: { auditSet: 'dst_00000001' },
        tests: { privacyBounds: { ...coins, [field]: value } },
      });
      assert.deepEqual(parsed.error?.issues[0].path, ['tests', 'privacyBounds', field]);
    }
  });
});
