import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auditRequest, type Report, report as reportSchema } from '@engram/contract';
import type { NdArray, StoredModel } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { readLayersModel } from '@engram/models';
import { type PreparedAudit, prepareAudit } from './prepare.js';
import { readReport } from './report/report-bundle.js';
import { describeArchitecture, describeModel } from './resources.js';
import { classes, randomlyLabelled, storedClassifier } from './testing/made-classifier.js';
import { TaskBench } from './testing/task-bench.js';

const members = 120;
const nonMembers = 120;
const n = members + nonMembers;
const models = 8;
const fused = { attack: 'fusion', of: ['loss', 'lira', 'gradientNorm'] };

/** A network that knows 120 random labels by heart, and reference models that are looked into as it is. */
describe('an audit that looks into reference models too', () => {
  let engine: Engine;
  let bench: TaskBench;
  let model: StoredModel;
  let prepared: PreparedAudit;
  let rows: Record<string, string>;
  let found: Report;
  before(async () => {
    engine = await openEngine({ device: 'cpu', mode: 'recorded' });
    bench = new TaskBench(async () => engine);
    const known = randomlyLabelled(members, 1);
    model = await storedClassifier(bench, engine, known);
    const others = randomlyLabelled(nonMembers, 2);
    const datasets = {
      members: await bench.storedDataset(known, { classCount: classes }),
      nonMembers: await bench.storedDataset(others, { classCount: classes }),
    };
    rows = {
      members: await bench.dataset(known, { classCount: classes }),
      nonMembers: await bench.dataset(others, { classCount: classes }),
    };
    const request = auditRequest.parse({
      data: { members: datasets.members.id, nonMembers: datasets.nonMembers.id },
      tests: { membership: { attacks: ['lira', 'gradientNorm', fused], referenceModels: { count: models } } },
    });
    prepared = prepareAudit('aud_00000001', request, { model, datasets });
    found = reportSchema.parse(readReport(await bench.runPlan(prepared)));
  });
  after(() => engine.close());

  it('asks target and reference models once, whichever attacks read it', () => {
    const asked = prepared.plan.tasks.filter(({ kind }) => kind === 'measure-target');
    assert.deepEqual(
      asked.map(({ inputs }) => 'weights' in inputs),
      [true, false],
    );
    const scoring = prepared.plan.tasks.filter(({ kind }) => kind === 'score-attack');
    assert.deepEqual(
      scoring.map(({ inputs }) =>
        Object.keys(inputs)
          .filter((name) => /easure/.test(name))
          .sort(),
      ),
      [[], ['measure.000', 'referenceMeasure.000'], ['measure.000', 'referenceMeasure.000']],
    );
  });

  it('reads of a model of a group what is read of the same model as a target', async () => {
    const { files } = model;
    const read = (path: string) => bench.read(files.find((file) => file.path === path)!.digest);
    const { weights } = await readLayersModel({ files, read, localPath: async (path) => path }, 'classification');
    const twice = Object.entries(weights).map(([name, { data, shape }]): [string, NdArray] => {
      const both = new Float32Array(2 * data.length);
      both.set(data, data.length);
      return [`weights.${name}`, { data: both, shape: [2, ...shape] }];
    });
    const group = await bench.bundle({
      ...Object.fromEntries(twice),
      trainedOn: { data: new Uint8Array(2 * n), shape: [2, n] },
    });
    const measure = { kind: 'lastLayerGradientNorm', params: { order: 2 } };
    const ask = async (inputs: Record<string, string>) =>
      (await bench.run('measure-target', { ...rows, ...inputs }, { measure })).bundle.arrays.values;
    const ofGroup = await ask({ architecture: await bench.document(describeArchitecture(model)), weights: group });
    const ofTarget = await ask({ model: await bench.document(describeModel(model)) });
    assert.deepEqual(ofGroup.shape, [2, n]);
    assert.deepEqual([...ofGroup.data.subarray(n)], [...ofTarget.data]);
    // Without weights every class is as likely, and of the features only the bias is left.
    for (const norm of ofGroup.data.subarray(0, n)) assert.ok(Math.abs(norm - Math.sqrt(2 / 3)) < 1e-6, `${norm}`);
  });

  it('finds the members from inside, and nothing with a reference model in the target’s place', () => {
    const [, inner, together] = found.membership!.attacks;
    for (const { scoreId, auc, control } of [inner, together]) {
      assert.ok(auc.status === 'measured' && auc.low > 0.7, scoreId);
      assert.ok(control.status === 'measured', scoreId);
      // Four standard errors of chance at 120 on each side.
      assert.ok(Math.abs(control.value - 0.5) < 4 * 0.0373, `${scoreId}: ${control.value}`);
    }
    assert.deepEqual(found.membership!.skipped, []);
  });
});
