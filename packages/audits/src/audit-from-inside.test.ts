import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auditRequest, type Report, report as reportSchema } from '@engram/contract';
import type { NdArray, StoredDataset, StoredModel, TypedArray } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { auc } from '@engram/metrics';
import { prepareAudit } from './prepare.js';
import { readReport } from './report/report-bundle.js';
import { classes, randomlyLabelled, storedClassifier } from './testing/made-classifier.js';
import { onnxClassifier } from './testing/made-resources.js';
import { refusalOf } from './testing/refusal.js';
import { TaskBench } from './testing/task-bench.js';

const members = 120;
const nonMembers = 100;
const n = members + nonMembers;
const membership = Uint8Array.from({ length: n }, (_, i) => Number(i < members));
/** Four steps are an epoch; the last of 160 is the model itself. */
const checkpoints = [0, 16, 160];
const attacks = [
  'loss',
  'gradientNorm',
  { attack: 'gradientNorm', order: 'inf' },
  { attack: 'gradientNorm', layers: 'all' },
  'leverage',
  'lossTraceIqr',
  'cumulativeLoss',
];
const rankings = ['leverage', 'lossTraceIqr', 'cumulativeLoss'];

/** A network that knows 120 random labels by heart, looked into, and at what its training left behind. */
describe('an audit from inside the model', () => {
  let engine: Engine;
  let bench: TaskBench;
  let model: StoredModel;
  let datasets: Record<'members' | 'nonMembers', StoredDataset>;
  let found: Report;
  let column: Readonly<Record<string, TypedArray>>;
  let trace: NdArray;
  before(async () => {
    engine = await openEngine({ device: 'cpu', mode: 'recorded' });
    bench = new TaskBench(async () => engine);
    const known = randomlyLabelled(members, 1);
    model = await storedClassifier(bench, engine, known, checkpoints);
    datasets = {
      members: await bench.storedDataset(known, { classCount: classes }),
      nonMembers: await bench.storedDataset(randomlyLabelled(nonMembers, 2), { classCount: classes }),
    };
    found = await run(attacks, model);
    column = columns();
    trace = bench.ran.get('measure-target')!.arrays.values;
  });
  after(() => engine.close());

  function prepare(asked: readonly unknown[], target: StoredModel | undefined, given: typeof datasets = datasets) {
    const request = auditRequest.parse({
      data: { members: given.members.id, nonMembers: given.nonMembers.id },
      tests: { membership: { attacks: asked } },
    });
    return prepareAudit('aud_00000001', request, {
      ...(target === undefined ? {} : { model: target }),
      datasets: given,
    });
  }

  async function run(...given: Parameters<typeof prepare>): Promise<Report> {
    return reportSchema.parse(readReport(await bench.runPlan(prepare(...given))));
  }

  function columns(): Record<string, TypedArray> {
    const { arrays } = bench.ran.get('score-membership')!;
    return Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name.replace('column.', ''), data]));
  }

  const aucOf = (scores: ArrayLike<number>) => {
    const measured = auc(scores, membership);
    return measured.status === 'measured' ? measured.value : Number.NaN;
  };

  it('measures each question once, whichever attacks ask it', () => {
    const asked = prepare(attacks, model).plan.tasks.filter(({ kind }) => kind === 'measure-target');
    assert.deepEqual(asked.map(({ params }) => (params.measure as { kind: string }).kind).sort(), [
      'gradientNorm',
      'lastLayerGradientNorm',
      'lastLayerGradientNorm',
      'leverage',
      'lossTrace',
    ]);
  });

  it('finds with every gradient that the labels are known by heart', () => {
    assert.equal(found.membership?.verdict, 'leak');
    for (const { scoreId, auc: measured, ranks } of found.membership.attacks)
      if (ranks === undefined) assert.ok(measured.status === 'measured' && measured.low > 0.7, scoreId);
  });

  it('takes gradients of the last layer to be no longer than those of all layers, and no shorter than their largest entry', () => {
    for (let i = 0; i < n; i += 1) {
      const [all, last, largest] = ['gradientNorm-all', 'gradientNorm', 'gradientNorm-inf'].map((id) => -column[id][i]);
      assert.ok(all >= last * (1 - 1e-4) && last >= largest && largest >= 0, `${all} ${last} ${largest}`);
    }
  });

  it('says which scores rank members and are no tests of membership', () => {
    const { attacks: results, limits } = found.membership!;
    assert.deepEqual(
      results.filter(({ ranks }) => ranks === 'vulnerability').map(({ scoreId }) => scoreId),
      rankings,
    );
    assert.ok(limits.some((limit) => limit.startsWith(`Not tests of membership: ${rankings.join(', ')}.`)));
  });

  it('follows every sample from the first weights to the last', () => {
    assert.deepEqual(trace.shape, [checkpoints.length, n]);
    const last = checkpoints.length - 1;
    const final = trace.data.subarray(last * n);
    // The last checkpoint is the model: float32 weights, the same samples.
    for (let i = 0; i < n; i += 1) assert.ok(Math.abs(final[i] - column.targetLoss[i]) < 1e-4);
    const meanOfMembers = (moment: number) =>
      Float64Array.from(trace.data.subarray(moment * n, moment * n + members)).reduce((sum, loss) => sum + loss, 0) /
      members;
    // Three classes at random: log 3 is 1.1.
    assert.ok(meanOfMembers(0) > 1 && meanOfMembers(last) < 0.3, `${meanOfMembers(0)} ${meanOfMembers(last)}`);
    for (let i = 0; i < n; i += 1) {
      const sum = checkpoints.reduce((all, _step, moment) => all + trace.data[moment * n + i], 0);
      assert.ok(Math.abs(sum - column.cumulativeLoss[i]) < 1e-9 * sum);
    }
  });

  it('ranks alike from losses that were written down, without a model', async () => {
    const written = (from: number, count: number) =>
      bench.storedDataset({
        loss: { data: Float64Array.from(column.targetLoss.subarray(from, from + count)), shape: [count] },
        lossTrace: {
          data: Float64Array.from(
            { length: count * checkpoints.length },
            (_, at) => trace.data[(at % checkpoints.length) * n + from + Math.floor(at / checkpoints.length)],
          ),
          shape: [count, checkpoints.length],
        },
      });
    const before = column;
    await run(['loss', 'lossTraceIqr', 'cumulativeLoss'], undefined, {
      members: await written(0, members),
      nonMembers: await written(members, nonMembers),
    });
    for (const id of ['lossTraceIqr', 'cumulativeLoss']) assert.deepEqual(columns()[id], before[id], id);
  });

  it('finds nothing in weights that know no sample', async () => {
    const { files, manifest } = model;
    const start = files.find(({ path }) => path === 'step-0.bin')!;
    const untrained = {
      ...model,
      manifest: { ...manifest, training: { ...(manifest.training as object), checkpoints: [] } },
      files: files.map((file) => (file.path === 'weights.bin' ? { ...start, path: 'weights.bin' } : file)),
    };
    await run(['gradientNorm', 'leverage'], untrained);
    const standardError = Math.sqrt((n + 1) / (12 * members * nonMembers));
    for (const id of ['gradientNorm', 'leverage']) {
      const value = aucOf(columns()[id]);
      assert.ok(Math.abs(value - 0.5) < 4 * standardError, `${id}: ${value}`);
    }
  });

  it('refuses what cannot be read, and says how it could be', () => {
    const refusal = (asked: readonly unknown[], target: StoredModel) => {
      const { code, message, remedy } = refusalOf(() => prepare(asked, target));
      return `${code} ${message} ${remedy}`;
    };
    const onnx = { ...onnxClassifier(), inspected: { ...model.inspected, ...onnxWithoutFeatures() } };
    assert.match(refusal(['leverage'], onnx), /ENG_ATTACK_NOT_APPLICABLE.*as features/);
    assert.match(
      refusal([{ attack: 'gradientNorm', layers: 'all' }], onnx),
      /ENG_ATTACK_NOT_APPLICABLE.*last layer alone/,
    );
    assert.match(refusal(['lossTraceIqr'], onnx), /ENG_ATTACK_NOT_APPLICABLE.*lossTrace/);
  });

  function onnxWithoutFeatures() {
    const { kind, abilities } = onnxClassifier().inspected;
    return { kind, abilities, lastLayer: undefined, checkpoints: undefined } as object;
  }
});
