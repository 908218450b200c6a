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

/** Of all tasks but those of single attacks, of which there is one for each. */
const kindsButScores = (plan: Plan) => {
  const conclusion = plan.tasks.find(({ kind }) => kind === 'score-membership')!;
  assert.equal(keysOf(plan, 'score-attack').length, (conclusion.params.attacks as unknown[]).length);
  return kindsOf(plan).filter((kind) => kind !== 'score-attack');
};

describe('planning an audit', () => {
  it('lays out one task per kind of work, and references in groups', () => {
    assert.deepEqual(kindsButScores(prepare().plan), [
      'collect-reference-signals',
      'collect-reference-signals',
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
    assert.deepEqual(kindsButScores(plan), [
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
    assert.deepEqual(changedKinds(few, more), ['score-attack', 'score-membership', 'write-report']);
    assert.equal(keysOf(more, 'score-attack').filter((key) => !keysOf(few, 'score-attack').includes(key)).length, 1);
  });

  it('trains nothing anew for other questions about the same samples, or for a population', () => {
    const pixels = (id: string) => dataset({ id, fields: { input: [6, 6, 1], label: [] } });
    const resources: AuditResources = {
      model: classifier({ inputs: [{ name: 'x', shape: [6, 6, 1], dtype: 'float32' }] }),
      datasets: { members: pixels('members'), nonMembers: pixels('nonMembers') },
    };
    const ask = (queries: number, datasets = resources.datasets) =>
      prepare({ membership: { attacks: [{ attack: 'lira', queries }] } }, { ...resources, datasets }).plan;
    const asking = ['collect-reference-signals', 'collect-signals', 'score-attack', 'score-membership', 'write-report'];
    assert.deepEqual(changedKinds(ask(1), ask(18)), asking);
    const population = { ...resources.datasets, population: pixels('z') };
    assert.deepEqual(changedKinds(ask(1), ask(1, population)), asking);
    const units = (plan: Plan) => plan.tasks.find(({ kind }) => kind === 'collect-signals')!.units;
    assert.equal(units(ask(18)), 18 * units(ask(1)));
  });

  it('asks each given reference model by itself, and trains none', () => {
    const given = ['a', 'b', 'c'].map((name) => classifier({ digest: sha256Hex(name) }));
    const models = given.map((_, i) => `mdl_given000${i}`);
    const tests = {
      membership: { attacks: ['loss', { attack: 'rmia', mode: 'offline' }], referenceModels: { models } },
    } as const;
    const { plan } = prepare(tests as never, { ...images, references: given });
    assert.deepEqual(kindsOf(plan), [
      ...Array<TaskKind>(3).fill('collect-reference-signals'),
      'collect-signals',
      'score-attack',
      'score-attack',
      'score-blind-baseline',
      'score-membership',
      'write-report',
    ]);
    const two = prepare(
      { membership: { ...tests.membership, referenceModels: { models: models.slice(0, 2) } } } as never,
      { ...images, references: given.slice(0, 2) },
    ).plan;
    const [added] = keysOf(plan, 'collect-reference-signals').filter(
      (key) => !keysOf(two, 'collect-reference-signals').includes(key),
    );
    assert.equal(keysOf(plan, 'collect-reference-signals').at(-1), added);
  });

  it('leaves samples set aside out of the blind baseline, and trains references on them too', () => {
    const calibration = dataset({ id: 'aside' });
    const { plan } = prepare(everything, { ...images, datasets: { ...images.datasets, calibration } });
    assert.deepEqual(changedKinds(prepare().plan, plan).includes('score-blind-baseline'), false);
    const [reference] = plan.tasks.filter(({ kind }) => kind === 'train-reference');
    assert.ok('calibration' in reference.inputs);
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

  it('keeps of another model of the same architecture the references, and the comparison of its samples', () => {
    const other = { ...images, model: classifier({ digest: sha256Hex('other') }) };
    const kept = new Set(kindsOf(prepare().plan));
    for (const kind of changedKinds(prepare().plan, prepare(everything, other).plan)) kept.delete(kind);
    assert.deepEqual([...kept], ['collect-reference-signals', 'score-blind-baseline', 'train-reference']);
  });

  it('trains references anew for another architecture', () => {
    const model = { ...classifier(), files: [{ path: 'model.json', sizeBytes: 11, digest: sha256Hex('wider') }] };
    const changed = changedKinds(prepare().plan, prepare(everything, { ...images, model }).plan);
    assert.ok(changed.includes('train-reference'));
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
