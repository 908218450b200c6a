import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest, type Report, report as reportSchema } from '@engram/contract';
import type { Bundle, StoredDataset, StoredModel, TaskKind } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { createRandom } from '@engram/numeric';
import { type PreparedAudit, prepareAudit } from './prepare.js';
import { readReport } from './report/report-bundle.js';
import { trainedMasks } from './tasks/reference-masks.js';
import { weightsOf } from './tasks/train-reference.js';
import { classes, storedClassifier, tellingLabelsAlone, width } from './testing/made-classifier.js';
import { onnxClassifier } from './testing/made-resources.js';
import { refusalOf } from './testing/refusal.js';
import { bytesOf, storedLayersModel } from './testing/stored-layers-model.js';
import { TaskBench } from './testing/task-bench.js';

const members = 120;
const nonMembers = 120;
const thresholds = [0.7, 0.4, 0.2, 0.1, 0.05];
const transfer = { attack: 'transferAttack', thresholds, steps: 15 } as const;
const attacks = ['gap', transfer] as const;

/** Points around the corners of a cube, one of a class in five labelled at random: all of it can be learned by heart. */
function points(count: number, seed: number) {
  const random = createRandom(seed);
  const label = Int32Array.from({ length: count }, () => random.integer(classes));
  const data = Float32Array.from({ length: count * width }, (_, at) => {
    const centre = at % width === label[Math.floor(at / width)] ? 1.5 : 0;
    return centre + random.normal();
  });
  const relabelled = label.map((each) => (random.uniform() < 0.2 ? random.integer(classes) : each));
  return { input: { data, shape: [count, width] }, label: { data: relabelled, shape: [count] } };
}

const known = points(members, 1);
const unknown = points(nonMembers, 2);

describe('an audit by the transfer attack', () => {
  let engine: Engine;
  let bench: TaskBench;
  let model: StoredModel;
  let datasets: Record<'members' | 'nonMembers', StoredDataset>;
  let found: Report;
  /** What the tasks of that audit left. */
  let left: ReadonlyMap<TaskKind, Bundle>;
  let told: readonly number[];
  before(async () => {
    engine = await openEngine({ device: 'cpu', mode: 'recorded' });
    bench = new TaskBench(async () => engine);
    model = await storedClassifier(bench, engine, known);
    datasets = await storedSamples();
    found = await reportOf(prepare({ attacks: [...attacks], referenceModels: { count: 8 } }));
    left = new Map(bench.ran);
    told = [...left.get('measure-target')!.arrays.values.data];
  });
  after(() => engine.close());

  function prepare(
    membership: AuditRequestInput['tests']['membership'],
    target = model,
    references: readonly StoredModel[] = [],
    samples = datasets,
  ): PreparedAudit {
    const data = { members: samples.members.id, nonMembers: samples.nonMembers.id };
    const request = auditRequest.parse({ data, tests: { membership } });
    return prepareAudit('aud_00000001', request, { model: target, datasets: samples, references });
  }

  /** Members and non-members, where there are any with the masks of reference models. */
  async function storedSamples(masks: readonly Uint8Array[] = []): Promise<typeof datasets> {
    const side = (samples: typeof known, from: number, count: number) => {
      if (masks.length === 0) return bench.storedDataset(samples, { classCount: classes });
      const data = Uint8Array.from(masks.flatMap((mask) => [...mask.subarray(from, from + count)]));
      const referenceMember = { data, shape: [masks.length, count] };
      const rest = { classCount: classes, referenceModels: masks.length };
      return bench.storedDataset({ ...samples, referenceMember }, rest);
    };
    return { members: await side(known, 0, members), nonMembers: await side(unknown, members, nonMembers) };
  }

  const modelJson = () => bench.read(model.files.find(({ path }) => path === 'model.json')!.digest);

  const reportOf = async (prepared: PreparedAudit) => reportSchema.parse(readReport(await bench.runPlan(prepared)));
  const measured = ({ plan }: PreparedAudit) => plan.tasks.find(({ kind }) => kind === 'measure-target')!;

  it('finds more than the gap between accuracies, with a handful of labels for each sample', () => {
    const [gap, attack] = found.membership!.attacks;
    assert.equal(attack.attack, 'transferAttack');
    assert.ok(gap.auc.status === 'measured' && attack.auc.status === 'measured');
    assert.ok(attack.auc.low > 0.65, `${attack.auc.low}`);
    assert.ok(attack.auc.value > gap.auc.value + 0.03, `${attack.auc.value} ${gap.auc.value}`);
    const { queries, models } = left.get('measure-target')!.meta;
    assert.equal(models, 8);
    assert.ok(Number(queries) > members + nonMembers && Number(queries) <= (members + nonMembers) * 6, `${queries}`);
  });

  it('scores by whole numbers: none of a wrong label, one and the thresholds outlasted of a right one', () => {
    assert.ok(told.every((value) => Number.isInteger(value) && value >= 0 && value <= 1 + thresholds.length));
    assert.ok(new Set(told).size > 3);
    const { data: right } = left.get('collect-signals')!.arrays.correct;
    told.forEach((value, i) => {
      assert.equal(Number(value > 0), right[i]);
    });
  });

  it('finds the same of a classifier that may tell labels alone', async () => {
    const mute = await tellingLabelsAlone(bench, model);
    const report = await reportOf(prepare({ attacks: [transfer], referenceModels: { count: 8 } }, mute));
    assert.equal(report.membership!.target.labelsAlone, true);
    assert.deepEqual(report.membership!.attacks[0].auc, found.membership!.attacks[1].auc);
    assert.deepEqual([...bench.ran.get('measure-target')!.arrays.values.data], told);
  });

  it('finds exactly the same with the same reference models given, and the masks of what they were trained on', async () => {
    const { arrays } = left.get('train-reference')!;
    const uploads = Array.from(trainedMasks(arrays.trainedOn, { count: members + nonMembers }), async (_, k) => {
      const files = { 'model.json': await modelJson(), 'weights.bin': bytesOf(weightsOf(arrays, k)) };
      return storedLayersModel(bench, { name: `reference ${k}` }, files);
    });
    const references = await Promise.all(uploads);
    const models = references.map((_, k) => `mdl_reference${k}`);
    const masked = await storedSamples(trainedMasks(arrays.trainedOn, { count: members + nonMembers }));
    const prepared = prepare({ attacks: [transfer], referenceModels: { models } }, model, references, masked);
    assert.ok(prepared.plan.tasks.every(({ kind }) => kind !== 'train-reference'));
    await bench.runPlan(prepared);
    assert.deepEqual([...bench.ran.get('measure-target')!.arrays.values.data], told);
  });

  it('uses a bank as others do, of a large one no more than the first 24, and asks anew for other settings alone', () => {
    const planOf = (count: number, asked: AuditRequestInput['tests']['membership']) =>
      prepare({ ...asked, referenceModels: { count } });
    const plain = planOf(32, { attacks: ['lira'] });
    const more = planOf(32, { attacks: ['lira', transfer] });
    const trained = ({ plan }: PreparedAudit) => plan.tasks.filter(({ kind }) => kind === 'train-reference');
    assert.deepEqual(trained(more), trained(plain));
    const weights = (prepared: PreparedAudit) =>
      Object.keys(measured(prepared).inputs).filter((name) => name.startsWith('weights.'));
    assert.deepEqual(weights(more), ['weights.000', 'weights.001', 'weights.002']);
    assert.equal(measured(planOf(64, { attacks: [transfer] })).key, measured(more).key);
    assert.notEqual(measured(planOf(64, { attacks: [{ ...transfer, steps: 16 }] })).key, measured(more).key);
    assert.notEqual(measured(planOf(16, { attacks: [transfer] })).key, measured(more).key);
  });

  it('refuses too few reference models, or none that have gradients, and says what to do', () => {
    const few = refusalOf(() => prepare({ attacks: [transfer], referenceModels: { count: 6 } }));
    assert.equal(few.code, 'ENG_ATTACK_NOT_APPLICABLE');
    assert.match(few.message, /at least 4 reference models trained without each sample, got as few as 3 of 6/);
    const { inspected } = onnxClassifier();
    const inputs = [{ name: 'input', shape: [width], dtype: 'float32' }];
    const opaque = { ...onnxClassifier(), inspected: { ...inspected, classCount: classes, inputs } };
    const none = refusalOf(() => prepare({ attacks: [transfer] }, opaque));
    assert.match(none.message, /reference models whose gradients by their inputs can be computed, got none/);
    assert.match(none.remedy!, /referenceModels\.models/);
    const models = Array.from({ length: 4 }, (_, k) => `mdl_reference${k}`);
    const given = { attacks: [transfer], referenceModels: { models, trainedOn: 'none' as const } };
    const files = models.map((id) => ({
      ...opaque,
      id,
      inspected: { ...opaque.inspected, digest: id },
    }));
    assert.match(refusalOf(() => prepare(given, model, files)).message, /gradients by their inputs/);
    // Layers models as its references are enough for an ONNX target.
    const layers = models.map((id) => ({ ...model, id, inspected: { ...model.inspected, digest: id } }));
    const { inputs: read, params } = measured(prepare(given, opaque, layers));
    assert.deepEqual(
      Object.keys(read).filter((name) => name.startsWith('given.')),
      models.map((_, k) => `given.00${k}`),
    );
    assert.equal(params.trainedOn, 'none');
  });

  it('stops between two questions to a reference model when the audit is cancelled', async () => {
    const { plan, artifacts } = prepare({ attacks: [transfer], referenceModels: { count: 8 } });
    for (const document of artifacts) await bench.put(document);
    const measure = plan.tasks.find(({ kind }) => kind === 'measure-target')!;
    const { arrays } = left.get('train-reference')!;
    const controller = new AbortController();
    const shares: number[] = [];
    const progress = (share: number) => {
      shares.push(share);
      if (share > 0.2) controller.abort(new Error('stopped'));
    };
    const read = Object.entries(measure.inputs).flatMap(([name, input]) =>
      'artifact' in input ? [[name, input.artifact]] : [],
    );
    const inputs = { ...Object.fromEntries(read), 'weights.000': await bench.bundle(arrays) };
    const running = bench.run('measure-target', inputs, measure.params, 0, { signal: controller.signal, progress });
    await assert.rejects(running, /stopped/);
    assert.ok(shares.length > 1 && shares.every((share, k) => share < 0.5 && (k === 0 || share >= shares[k - 1])));
  });
});
