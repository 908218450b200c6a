import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest } from '@engram/contract';
import type { Plan, TaskKind, TaskSpec } from '@engram/domain';
import { sha256Hex } from '@engram/numeric';
import { prepareAudit } from '../prepare.js';
import type { AuditResources } from '../resources.js';
import { classifier, dataset } from '../testing/made-resources.js';

type Membership = NonNullable<AuditRequestInput['tests']['membership']>;

const resources: AuditResources = {
  model: classifier(),
  datasets: { members: dataset({ id: 'members' }), nonMembers: dataset({ id: 'nonMembers', count: 700 }) },
};

function planOf(membership: Membership, given = resources): Plan {
  const data = { members: 'dst_members1', nonMembers: 'dst_nonMembers1' };
  return prepareAudit('aud_1', auditRequest.parse({ data, tests: { membership } }), given).plan;
}

const few: Membership = { attacks: ['lira', 'loss'], retrainedTargets: {} };

function newTasks(first: Plan, second: Plan): TaskSpec[] {
  const known = new Set(first.tasks.map(({ key }) => key));
  return second.tasks.filter(({ key }) => !known.has(key));
}

const newKinds = (first: Plan, second: Plan): TaskKind[] => [
  ...new Set(newTasks(first, second).map(({ kind }) => kind)),
];
const retraining = ({ tasks }: Plan) => tasks.filter(({ params }) => params.trainedOn === 'members');

describe('planning retrained targets', () => {
  it('trains them on the members, asks them like references, and reads them beside those', () => {
    const without = planOf({ attacks: ['lira', 'loss'] });
    const added = newTasks(without, planOf(few));
    assert.deepEqual(
      added.map(({ kind }) => kind),
      ['train-reference', 'collect-reference-signals', 'score-membership', 'write-report'],
    );
    const [train, ask, score] = added;
    assert.deepEqual(Object.keys(train.inputs), ['architecture', 'members']);
    // 5 models, 20 epochs, 1,000 members, 0.002 million parameters; then 1,700 samples each.
    assert.ok(Math.abs(train.units - 5 * 20 * 1000 * 0.002) < 1e-9);
    assert.ok(Math.abs(ask.units - 5 * 1700 * 0.002) < 1e-9);
    assert.deepEqual(score.inputs['retrained.000'], { task: ask.key });
    const references = Object.entries(score.inputs).filter(([name]) => name.startsWith('reference.'));
    assert.equal(references.length, 2);
    assert.ok(references.every(([, input]) => 'task' in input && input.task !== ask.key));
  });

  it('draws them from other seeds than the references', () => {
    const seeds = planOf(few)
      .tasks.filter(({ kind }) => kind === 'train-reference')
      .map(({ seed }) => seed);
    assert.equal(new Set(seeds).size, 2);
  });

  it('retrains nothing for one more attack, other references or other non-members', () => {
    const first = planOf(few);
    assert.deepEqual(newKinds(first, planOf({ ...few, attacks: ['lira', 'loss', 'rmia'] })), [
      'score-attack',
      'score-membership',
      'write-report',
    ]);
    const others: AuditResources = {
      ...resources,
      datasets: { ...resources.datasets, nonMembers: dataset({ id: 'others' }), calibration: dataset({ id: 'aside' }) },
    };
    const [trained] = retraining(first);
    for (const plan of [planOf({ ...few, referenceModels: { count: 8 } }), planOf(few, others)])
      assert.deepEqual(
        retraining(plan).map(({ key }) => key),
        [trained.key],
      );
  });

  it('keeps them for another model of the same architecture and recipe', () => {
    const other = { ...resources, model: classifier({ digest: sha256Hex('other') }) };
    assert.deepEqual(retraining(planOf(few, other)), retraining(planOf(few)));
  });

  it('trains sixteen in groups', () => {
    assert.deepEqual(
      retraining(planOf({ ...few, retrainedTargets: { count: 16 } })).map(({ params }) => [params.from, params.count]),
      [
        [0, 8],
        [8, 8],
      ],
    );
  });
});
