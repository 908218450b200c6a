import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auditRequest, type Report, report as reportSchema } from '@engram/contract';
import type { NdArray, StoredDataset, StoredModel, TypedArray } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { auc } from '@engram/metrics';
import { ridge, spearman } from '@engram/numeric';
import { prepareAudit } from './prepare.js';
import { readReport } from './report/report-bundle.js';
import type { DataRole } from './resources.js';
import { columns, type Measurements, measurements, storedRegression } from './testing/made-regression.js';
import { onnxClassifier } from './testing/made-resources.js';
import { refusalOf } from './testing/refusal.js';
import { TaskBench } from './testing/task-bench.js';

const members = 100;
const n = 2 * members;
const membership = Uint8Array.from({ length: n }, (_, i) => Number(i < members));
type Datasets = Partial<Record<DataRole, StoredDataset>>;

/** A line through 100 points with 60 weights to do it: it knows most of the noise of what it was fitted to. */
describe('an audit of a linear regression', () => {
  let engine: Engine;
  let bench: TaskBench;
  let model: StoredModel;
  let given: Measurements[];
  let datasets: Required<Pick<Datasets, 'members' | 'nonMembers' | 'population'>>;
  let found: Report;
  let column: Readonly<Record<string, TypedArray>>;
  before(async () => {
    engine = await openEngine({ device: 'cpu', mode: 'recorded' });
    bench = new TaskBench(async () => engine);
    given = [measurements(members, 1), measurements(members, 2)];
    model = await storedRegression(bench, given[0]);
    datasets = {
      members: await bench.storedDataset({ ...given[0] }),
      nonMembers: await bench.storedDataset({ ...given[1] }),
      population: await bench.storedDataset({ ...measurements(10 * columns, 3) }),
    };
    found = await run(
      ['loss', 'calibratedLoss', 'lira', ...linear('gradient', 'score', 'loss'), ...gradients, 'leverage'],
      model,
      datasets,
    );
    column = scores();
  });
  after(() => engine.close());

  const gradients = ['gradientNorm', { attack: 'gradientNorm', layers: 'all' }];
  const linear = (...statistics: string[]) =>
    statistics.map((statistic) => ({ attack: 'linearRegression', statistic }));

  function prepare(attacks: unknown, target: StoredModel | undefined, data: Datasets, tests: object = {}) {
    const request = auditRequest.parse({
      data: Object.fromEntries(Object.entries(data).map(([role, { id }]) => [role, id])),
      tests: { membership: { attacks, referenceModels: target === undefined ? {} : { count: 8 } }, ...tests },
    });
    return prepareAudit('aud_00000001', request, {
      ...(target === undefined ? {} : { model: target }),
      datasets: data,
    });
  }

  async function run(...asked: Parameters<typeof prepare>): Promise<Report> {
    return reportSchema.parse(readReport(await bench.runPlan(prepare(...asked))));
  }

  function scores(): Record<string, TypedArray> {
    const { arrays } = bench.ran.get('score-membership')!;
    return Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name.replace('column.', ''), data]));
  }

  const aucOf = (values: ArrayLike<number>) => {
    const measured = auc(values, membership);
    return measured.status === 'measured' ? measured.value : Number.NaN;
  };

  function refusal(...asked: Parameters<typeof prepare>): string {
    const { code, message, remedy, faults } = refusalOf(() => prepare(...asked));
    return [code, message, remedy, ...faults.map((fault) => `${fault.pointer} ${fault.message}`)].join(' ');
  }

  /** Predictions of a line of these weights. */
  const predictionsOf = ({ input }: Measurements, kernel: ArrayLike<number>) =>
    Float64Array.from({ length: input.shape[0] }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < columns; k += 1) sum += input.data[i * columns + k] * kernel[k];
      return sum;
    });

  it('takes squared errors and their logarithm, in float64', () => {
    const kernel = Float32Array.from(ridge(given[0].input, given[0].target.data, 0));
    const { arrays } = bench.ran.get('collect-signals')!;
    assert.deepEqual(
      Object.keys(arrays).filter((name) => /label|correct|logProbabilities/.test(name)),
      [],
    );
    given.forEach((part, side) => {
      predictionsOf(part, kernel).forEach((prediction, i) => {
        const square = (part.target.data[i] - prediction) ** 2;
        const at = side * members + i;
        // The model answers in float32.
        assert.ok(Math.abs(arrays.loss.data[at] - square) < 1e-4 * (1 + square));
        assert.equal(arrays.scaledConfidence.data[at], -Math.log(arrays.loss.data[at] + 1e-12));
      });
    });
  });

  it('tells the samples it was fitted to from others, by every attack that reads errors', () => {
    assert.equal(found.membership?.verdict, 'leak');
    // Theory of the loss: (2/pi) arctan of n/(n - p) = 2.5 is 0.757; standard error 0.034 at 100 and 100.
    assert.ok(Math.abs(aucOf(column.loss) - 0.757) < 4 * 0.034, `${aucOf(column.loss)}`);
    for (const { scoreId, auc: measured } of found.membership.attacks.filter(({ ranks }) => ranks === undefined))
      assert.ok(measured.status === 'measured' && measured.low > 0.5, scoreId);
    assert.deepEqual(column['linearRegression-loss'], column.loss);
  });

  it('leaves e, r and u: the errors of the population minimiser, its own, and the difference', async () => {
    await run(linear('score', 'gradient'), model, datasets);
    const { data, shape } = bench.ran.get('measure-target')!.arrays.values as NdArray<Float64Array>;
    assert.deepEqual(shape, [3, n]);
    const [e, r, u] = [0, 1, 2].map((row) => data.subarray(row * n, (row + 1) * n));
    const { loss } = bench.ran.get('collect-signals')!.arrays;
    for (let i = 0; i < n; i += 1) {
      assert.ok(Math.abs(r[i] ** 2 - loss.data[i]) < 1e-4 * (1 + loss.data[i]));
      assert.equal(scores().linearRegression[i], r[i] * u[i]);
      assert.equal(scores()['linearRegression-score'][i], e[i] * u[i]);
    }
    // The minimiser is nearly the truth: the noise it leaves has variance 1 + p/(nZ - p), 1.11; standard error 0.1.
    const variance = e.reduce((sum, value) => sum + value ** 2, 0) / n;
    assert.ok(Math.abs(variance - 1.11) < 0.4, `${variance}`);
  });

  it('takes gradients of its one layer to be twice the error times the sample, by either way', () => {
    const { loss } = bench.ran.get('collect-signals')!.arrays;
    given.forEach(({ input: { data } }, side) => {
      for (let row = 0; row < members; row += 1) {
        const i = side * members + row;
        const length = Math.hypot(...data.subarray(row * columns, (row + 1) * columns));
        const norm = 2 * Math.sqrt(loss.data[i]) * length;
        for (const id of ['gradientNorm', 'gradientNorm-all'])
          assert.ok(Math.abs(column[id][i] + norm) < 1e-4 * (1 + norm), `${id} ${i}: ${column[id][i]}, not ${-norm}`);
      }
    });
  });

  it('ranks members by how far their own predictions rest on them, which non-members’ errors exceed', () => {
    const leverage = found.membership!.attacks.find(({ attack }) => attack === 'leverage')!;
    assert.equal(leverage.ranks, 'vulnerability');
    assert.ok(leverage.auc.status === 'measured' && leverage.auc.high < 0.5, JSON.stringify(leverage.auc));
    // Among members the drop is nearly that of the fit without them: the curvature is of both groups, not theirs alone.
    const rows = Array.from({ length: members }, (_, i) => i);
    const { input, target } = given[0];
    const exact = rows.map((left) => {
      const others = rows.filter((row) => row !== left);
      const data = Float32Array.from(
        others.flatMap((row) => [...input.data.subarray(row * columns, (row + 1) * columns)]),
      );
      const fit = ridge(
        { data, shape: [members - 1, columns] },
        others.map((row) => target.data[row]),
        1e-6,
      );
      const [own] = predictionsOf(
        { input: { data: input.data.subarray(left * columns), shape: [1, columns] }, target },
        fit,
      );
      return Math.abs(target.data[left] - own) - Math.sqrt(-column.loss[left]);
    });
    const agreement = spearman(exact, column.leverage.slice(0, members) as Float64Array);
    assert.ok(agreement > 0.9, `${agreement}`);
  });

  it('says that a regression has no accuracy', () => {
    const { accuracyMembers } = found.membership!.target;
    assert.ok(accuracyMembers.status === 'notMeasured' && /predicts numbers/.test(accuracyMembers.reason));
  });

  it('audits recorded predictions alone as it audits the model, and reference predictions with them', async () => {
    const kernel = Float32Array.from(ridge(given[0].input, given[0].target.data, 0));
    const models = 8;
    const kernels = Array.from({ length: models }, (_, model) => {
      // Complementary pairs, of 100 of the 200 samples each.
      const all = { data: Float32Array.of(...given[0].input.data, ...given[1].input.data), shape: [n, columns] };
      const rows = Array.from({ length: n }, (_, i) => i).filter(
        (i) => (i + (i >> (1 + (model >> 1)))) % 2 === model % 2,
      );
      const input = Float32Array.from(
        rows.flatMap((row) => [...all.data.subarray(row * columns, (row + 1) * columns)]),
      );
      const target = rows.map((row) => given[Math.floor(row / members)].target.data[row % members]);
      return { rows: new Set(rows), weights: ridge({ data: input, shape: [rows.length, columns] }, target, 0.1) };
    });
    const recorded = (side: 0 | 1) => {
      const part = given[side];
      const perModel = <T extends TypedArray>(data: T): NdArray<T> => ({ data, shape: [models, members] });
      return bench.storedDataset(
        {
          prediction: { data: predictionsOf(part, kernel), shape: [members] },
          target: part.target,
          referencePrediction: perModel(
            Float64Array.from(kernels.flatMap(({ weights }) => [...predictionsOf(part, weights)])),
          ),
          referenceMember: perModel(
            Uint8Array.from(
              kernels.flatMap(({ rows }) =>
                Array.from({ length: members }, (_, i) => Number(rows.has(side * members + i))),
              ),
            ),
          ),
        },
        { referenceModels: models },
      );
    };
    const data = { members: await recorded(0), nonMembers: await recorded(1) };
    const { membership: section } = await run('default', undefined, data);
    assert.deepEqual(
      section!.attacks.map(({ attack }) => attack),
      ['lira', 'calibratedLoss', 'loss'],
    );
    scores().loss.forEach((score, i) => {
      assert.ok(Math.abs(score - column.loss[i]) < 1e-4 * (1 + Math.abs(score)));
    });
    assert.ok(aucOf(scores().lira) > 0.7, `${aucOf(scores().lira)}`);
  });

  it('refuses what only a classifier can answer, and data without targets', async () => {
    for (const attack of ['rmia', 'entropy', 'gap', 'noiseRobustness', 'shadowClassifier'])
      assert.match(
        refusal([attack], model, datasets),
        /ENG_ATTACK_NOT_APPLICABLE.*got a regression.*loss, calibratedLoss, lira/,
        attack,
      );
    assert.match(refusal('default', model, datasets, { unlearningDifficulty: {} }), /classifier.*for regression/);
    assert.match(refusal('default', model, datasets, { memorization: {} }), /expected a classifier, got a regression/);
    assert.match(refusal('default', model, datasets, { labelMemorization: {} }), /needs a classifier.*for regression/);
    const recipe = { loss: 'crossEntropy' };
    assert.match(
      refusal('default', model, datasets, { membership: { attacks: 'default', referenceModels: { recipe } } }),
      /recipe.loss expected meanSquaredError, which a regression model is trained by, got crossEntropy/,
    );
    const classes = await bench.storedDataset({
      input: given[1].input,
      label: { data: new Int32Array(members), shape: [members] },
    });
    assert.match(
      refusal('default', model, { ...datasets, nonMembers: classes }),
      /nonMembers.*audited with inputs and targets: expected the field target, got input, label/,
    );
    const few = await bench.storedDataset({ ...measurements(10 * columns - 1, 4) });
    assert.match(refusal(linear('score'), model, { ...datasets, population: few }), /ten rows.*"statistic": "loss"/);
    const untold = await bench.storedDataset({ prediction: { data: new Float64Array(members), shape: [members] } });
    assert.match(
      refusal('default', undefined, { members: untold, nonMembers: untold }),
      /predictions need .*: expected the field target, got prediction/,
    );
    const onnx = onnxClassifier();
    assert.match(refusal(linear('loss'), onnx, await labelled()), /expected the squared errors of a regression/);
  });

  async function labelled(): Promise<Datasets> {
    const of = (seed: number) =>
      bench.storedDataset({
        input: { data: measurements(members, seed).input.data.slice(0, 4 * members), shape: [members, 4] },
        label: { data: new Int32Array(members), shape: [members] },
      });
    return { members: await of(7), nonMembers: await of(8) };
  }
});
