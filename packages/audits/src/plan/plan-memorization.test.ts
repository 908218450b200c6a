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

  it('trains models of the sizes that the bank does not have, and asks them about the rows alone', () => {
    const plain = planOf({ memorization: {} });
    const asked = planOf({ memorization: { consistency: { subsetFractions: [0.5, 0.25, 0.75] } } });
    assert.deepEqual(newKinds(plain, asked), [
      'collect-reference-signals',
      'score-consistency',
      'train-reference',
      'write-report',
    ]);
    const known = new Set(plain.tasks.map(({ key }) => key));
    const added = (kind: TaskKind) => asked.tasks.filter((task) => task.kind === kind && !known.has(task.key));
    const trained = added('train-reference');
    assert.deepEqual(
      trained.map(({ params: { subsetFraction, from, count } }) => [subsetFraction, from, count]),
      [0.25, 0.75].flatMap((fraction) => [
        [fraction, 0, 8],
        [fraction, 8, 8],
      ]),
    );
    // Work grows with what is trained on: three times as much on three quarters.
    assert.ok(trained.every(({ units }) => units > 0));
    assert.ok(Math.abs(trained[2].units / trained[0].units - 3) < 1e-12);
    for (const { inputs } of added('collect-reference-signals')) assert.ok(!('population' in inputs));
    const [{ inputs }] = added('score-consistency');
    assert.equal(Object.keys(inputs).filter((name) => name.startsWith('size.1.')).length, 4);
  });

  it('finds the models of a size that another audit trained as its bank', () => {
    const bank = planOf({ memorization: { subsetFraction: 0.7, models: 24 } });
    const plan = planOf({ memorization: { consistency: { subsetFractions: [0.5, 0.7], models: 16 } } });
    const known = new Set(bank.tasks.map(({ key }) => key));
    const trained = plan.tasks.filter(
      ({ kind, params }) => kind === 'train-reference' && params.subsetFraction === 0.7,
    );
    assert.equal(trained.length, 2);
    assert.ok(trained.every(({ key }) => known.has(key)));
  });

  it('peels the onion anew for no other sizes', () => {
    const sizes = { consistency: { subsetFractions: [0.5, 0.25] } };
    assert.deepEqual(
      newKinds(planOf({ memorization: { onion: {} } }), planOf({ memorization: { onion: {}, ...sizes } })),
      ['collect-reference-signals', 'score-consistency', 'train-reference', 'write-report'],
    );
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
    const compared = plan.tasks.filter(({ kind }) => kind === 'find-near-duplicates');
    assert.deepEqual(
      compared.map(({ inputs }) => Object.keys(inputs)),
      [['members', 'nonMembers']],
    );
    assert.ok(planOf({ memorization: {} }).tasks.every(({ kind }) => kind !== 'find-near-duplicates'));
  });
});
