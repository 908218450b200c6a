import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest } from '@engram/contract';
import type { Plan, TaskKind, TaskSpec } from '@engram/domain';
import { sha256Hex } from '@engram/numeric';
import { type PreparedAudit, prepareAudit } from '../prepare.js';
import type { AuditResources } from '../resources.js';
import { classifier, dataset, languageModel, texts } from '../testing/made-resources.js';

const data = { members: 'dst_members1', nonMembers: 'dst_nonMembers1' };
const images: AuditResources = {
  model: classifier(),
  datasets: { members: dataset({ id: 'members' }), nonMembers: dataset({ id: 'nonMembers' }) },
};
const mails: AuditResources = {
  model: languageModel(),
  datasets: {
    members: texts('m'),
    nonMembers: texts('n'),
    canaries: dataset({
      id: 'c',
      count: 30,
      fields: { text: { longestBytes: 40 }, secret: { longestBytes: 9 }, repetitions: [] },
    }),
  },
};
const everything: AuditRequestInput['tests'] = { membership: {}, unlearningDifficulty: {} };

function prepare(
  tests: AuditRequestInput['tests'] = everything,
  resources = images,
  more: Partial<AuditRequestInput> = {},
): PreparedAudit {
  return prepareAudit('aud_1', auditRequest.parse({ data, tests, ...more }), resources);
}

const keysOf = (plan: Plan, kind: TaskKind) => plan.tasks.filter((task) => task.kind === kind).map(({ key }) => key);
const kindsOf = (plan: Plan) => plan.tasks.map(({ kind }) => kind).sort();
const changedKinds = (a: Plan, b: Plan) => {
  const known = new Set(a.tasks.map(({ key }) => key));
  return [...new Set(b.tasks.filter(({ key }) => !known.has(key)).map(({ kind }) => kind))].sort();
};

describe('planning an audit', () => {
  it('lays out one task per kind of work, and references in groups', () => {
    assert.deepEqual(kindsOf(prepare().plan), [
      'collect-signals',
      'estimate-difficulty',
      'probe-unlearning',
      'score-blind-baseline',
      'score-membership',
      'train-recorded',
      'train-reference',
      'train-reference',
      'write-report',
    ]);
    const groups = prepare({ membership: { referenceModels: { count: 20 } } }).plan.tasks.filter(
      ({ kind }) => kind === 'train-reference',
    );
    assert.deepEqual(
      groups.map(({ params }) => [params.from, params.count]),
      [
        [0, 8],
        [8, 8],
        [16, 4],
      ],
    );
  });

  it('plans extraction and exposure of a language model, and one reference per task', () => {
    const { plan } = prepare({ membership: { referenceModels: { count: 2 } }, extraction: {} }, mails);
    assert.deepEqual(kindsOf(plan), [
      'collect-token-signals',
      'score-blind-baseline',
      'score-exposure',
      'score-extraction',
      'score-membership',
      'train-reference',
      'train-reference',
      'write-report',
    ]);
  });

  it('gives the same request the same plan', () => {
    assert.deepEqual(prepare(), prepare());
  });

  it('computes only scores and report anew for one more attack', () => {
    const few = prepare({ membership: { attacks: ['lira', 'loss'] }, unlearningDifficulty: {} }).plan;
    const more = prepare({ membership: { attacks: ['lira', 'loss', 'rmia'] }, unlearningDifficulty: {} }).plan;
    assert.deepEqual(changedKinds(few, more), ['score-membership', 'write-report']);
  });

  it('keeps the models already trained when more are asked for', () => {
    const eight = prepare({ membership: { referenceModels: { count: 8 } } }).plan;
    const sixteen = prepare({ membership: { referenceModels: { count: 16 } } }).plan;
    const [first, second] = keysOf(sixteen, 'train-reference');
    assert.deepEqual(keysOf(eight, 'train-reference'), [first]);
    assert.notEqual(first, second);
  });

  it('trains other references under another seed, and asks the target nothing new', () => {
    const changed = changedKinds(prepare().plan, prepare(everything, images, { seed: 2 }).plan);
    assert.ok(changed.includes('train-reference'));
    assert.ok(!changed.includes('collect-signals'));
  });

  it('shares tasks between uploads of the same bytes, whatever their ids and names', () => {
    const renamed: AuditResources = {
      model: { ...classifier(), id: 'mdl_other', name: 'other', manifest: { ...classifier().manifest, name: 'other' } },
      datasets: Object.fromEntries(
        Object.entries(images.datasets).map(([role, each]) => [role, { ...each, id: 'dst_other', name: 'other' }]),
      ),
    };
    assert.deepEqual(changedKinds(prepare().plan, prepare(everything, renamed).plan), []);
  });

  it('computes everything anew for another model but the comparison of its samples', () => {
    const other = { ...images, model: classifier({ digest: sha256Hex('other') }) };
    const kept = new Set(kindsOf(prepare().plan));
    for (const kind of changedKinds(prepare().plan, prepare(everything, other).plan)) kept.delete(kind);
    assert.deepEqual([...kept], ['score-blind-baseline']);
  });

  for (const [what, prepared] of [
    ['a classifier', prepare()],
    ['a language model', prepare({ membership: {}, extraction: {} }, mails)],
  ] as const) {
    it(`refers only to its own tasks and to stored documents when auditing ${what}`, () => {
      const { plan, artifacts, planDigest } = prepared;
      const keys = new Set(plan.tasks.map(({ key }) => key));
      const stored = new Set(artifacts.map((bytes) => sha256Hex(bytes)));
      assert.ok(keys.has(plan.root));
      assert.ok(stored.has(planDigest));
      for (const { inputs } of plan.tasks)
        for (const input of Object.values(inputs))
          assert.ok('task' in input ? keys.has(input.task) : stored.has(input.artifact));
    });

    it(`lists tasks after what they read, each with work to do, when auditing ${what}`, () => {
      const seen = new Set<string>();
      for (const task of prepared.plan.tasks) {
        assert.ok(task.units > 0, `${task.kind} has ${task.units} units`);
        for (const needed of tasksRead(task)) assert.ok(seen.has(needed));
        seen.add(task.key);
      }
    });
  }
});

function tasksRead(task: TaskSpec): string[] {
  return Object.values(task.inputs).flatMap((input) => ('task' in input ? [input.task] : []));
}
