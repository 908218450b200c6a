import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { notMeasured } from '@engram/domain';
import { clopperPearson } from '@engram/metrics';
import { interval } from '../testing/made-results.js';
import { concludeMemorization, type MemorizationEvidence, memorizationFindings } from './verdict.js';

const none = notMeasured('ENG_INSUFFICIENT_SAMPLES', 'not needed here');

function evidence(given: {
  readonly certified?: number;
  readonly above?: number;
  readonly difference?: MemorizationEvidence['target']['difference'];
  readonly models?: number;
}): MemorizationEvidence {
  const { certified = 0, above = certified, difference = none, models = 64 } = given;
  const share = (count: number) => clopperPearson(count, 400);
  return {
    measure: 'soft',
    models,
    threshold: 0.25,
    members: {
      samples: 400,
      mean: interval(0.1, 0.05, 0.15),
      above: share(above),
      mirrored: share(0),
      certified: share(certified),
      certifiedMirrored: share(0),
    },
    target: { members: interval(0.5, 0.4, 0.6), nonMembers: interval(0, -0.1, 0.1), difference },
  };
}

describe('the verdict on memorization', () => {
  it('is a leak when members are memorised and the target is shown to know them', () => {
    const found = evidence({ certified: 100, difference: interval(0.5, 0.4, 0.6) });
    assert.equal(concludeMemorization(found).verdict, 'leak');
    const findings = memorizationFindings('leak', found);
    assert.deepEqual(
      findings.map(({ id, severity }) => [id, severity]),
      [
        ['memorization.members@0.25', 'high'],
        ['memorization.target', 'high'],
      ],
    );
    assert.deepEqual(findings[1].control, found.target.nonMembers);
    assert.deepEqual(
      findings.map(({ quantity }) => quantity.kind),
      ['rate', 'memorization'],
    );
  });

  it('is inconclusive when the target is not shown to know what its recipe memorises', () => {
    for (const difference of [none, interval(0.1, -0.1, 0.3)]) {
      const found = evidence({ certified: 100, difference });
      const { verdict, statement } = concludeMemorization(found);
      assert.equal(verdict, 'inconclusive');
      assert.match(statement, /that the audited model knows them was not/);
      assert.deepEqual(
        memorizationFindings(verdict, found).map(({ severity }) => severity),
        ['low'],
      );
    }
  });

  it('is silence only from a bank large enough, on members of whom few could be memorised', () => {
    assert.equal(concludeMemorization(evidence({})).verdict, 'noLeakFound');
    assert.match(concludeMemorization(evidence({})).statement, /at most 0.92 % of the members could be/);
    assert.equal(concludeMemorization(evidence({ models: 30 })).verdict, 'inconclusive');
    assert.equal(concludeMemorization(evidence({ above: 40 })).verdict, 'inconclusive');
    assert.deepEqual(memorizationFindings('noLeakFound', evidence({})), []);
  });
});
