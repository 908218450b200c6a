import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest } from '@engram/contract';
import type { Plan, TaskKind } from '@engram/domain';
import { prepareAudit } from '../prepare.js';
import type { AuditResources } from '../resources.js';
import { classifier, dataset } from '../testing/made-resources.js';

const resources: AuditResources = {
  model: classifier(),
  datasets: {
    members: dataset({ id: 'members' }),
    nonMembers: dataset({ id: 'nonMembers' }),
    population: dataset({ id: 'population' }),
  },
};

function planOf(tests: AuditRequestInput['tests']): Plan {
  const data = { members: 'dst_members1', nonMembers: 'dst_nonMembers1', population: 'dst_population1' };
  return prepareAudit('aud_1', auditRequest.parse({ data, tests }), resources).plan;
}

/** What the second audit has to compute after the first. */
function newKinds(first: Plan, second: Plan): TaskKind[] {
  const known = new Set(first.tasks.map(({ key }) => key));
  return [...new Set(second.tasks.filter(({ key }) => !known.has(key)).map(({ kind }) => kind))].sort();
}

const membership = { attacks: ['loss', 'rmia'] as ('loss' | 'rmia')[], referenceModels: { count: 32 } };

describe('planning memorization', () => {
  it('trains and asks nothing after a membership audit of the same samples', () => {
    const kinds = newKinds(planOf({ membership }), planOf({ membership, memorization: {} }));
    assert.deepEqual(kinds, ['estimate-memorization', 'write-report']);
    assert.deepEqual(newKinds(planOf({ membership }), planOf({ memorization: {} })), [
      'estimate-memorization',
      'write-report',
    ]);
  });

  it('trains only what a larger bank has more of', () => {
    const plan = planOf({ membership, memorization: { models: 40 } });
    const known = new Set(planOf({ membership }).tasks.map(({ key }) => key));
    const trained = plan.tasks.filter(({ kind, key }) => kind === 'train-reference' && !known.has(key));
    assert.deepEqual(
      trained.map(({ params }) => [params.from, params.count]),
      [[32, 8]],
    );
  });

  it('trains a bank of its own for another share of the samples', () => {
    const plan = planOf({ membership, memorization: { subsetFraction: 0.7 } });
    const shares = plan.tasks
      .filter(({ kind }) => kind === 'train-reference')
      .map(({ params }) => params.subsetFraction);
    assert.deepEqual([...new Set(shares)], [undefined, 0.7]);
  });

  it('estimates anew for another threshold, and trains nothing for it', () => {
    const kinds = newKinds(planOf({ memorization: {} }), planOf({ memorization: { threshold: 0.3 } }));
    assert.deepEqual(kinds, ['estimate-memorization', 'write-report']);
  });

  it('peels the onion in two arms, each with subsets in groups and one whole training', () => {
    const plan = planOf({ memorization: { onion: {} } });
    const arms = plan.tasks.filter(({ kind }) => kind === 'train-without-exposed').map(({ params }) => params);
    assert.deepEqual(
      arms.map(({ arm, whole, from, count }) => [arm, whole, from, count]),
      ['exposed', 'random'].flatMap((arm) => [
        [arm, false, 0, 8],
        [arm, false, 8, 8],
        [arm, true, 0, 5],
      ]),
    );
    assert.equal(
      new Set(plan.tasks.filter(({ kind }) => kind === 'train-without-exposed').map(({ seed }) => seed)).size,
      1,
    );
  });
});
