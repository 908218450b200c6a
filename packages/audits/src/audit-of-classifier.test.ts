import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auditRequest, type Report, report as reportSchema } from '@engram/contract';
import type { Bundle } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { prepareAudit } from './prepare.js';
import { readReport, readSampleTable } from './report/report-bundle.js';
import { memorizingRecipe, randomlyLabelled, storedClassifier } from './testing/made-classifier.js';
import { TaskBench } from './testing/task-bench.js';

const members = 120;
const nonMembers = 100;
const sets = 3;
const size = 10;

/** A network that knows 120 random labels by heart, audited from the request to the report. */
describe('an audit of a classifier', () => {
  let engine: Engine;
  let bench: TaskBench;
  let written: Bundle;
  let found: Report;
  before(async () => {
    engine = await openEngine({ device: 'cpu', mode: 'recorded' });
    written = await audit();
    found = reportSchema.parse(readReport(written));
  });
  after(() => engine.close());

  async function audit(): Promise<Bundle> {
    bench = new TaskBench(async () => engine);
    const known = randomlyLabelled(members, 1);
    const datasets = {
      members: await bench.storedDataset(known, { classCount: 3 }),
      nonMembers: await bench.storedDataset(randomlyLabelled(nonMembers, 2), { classCount: 3 }),
      population: await bench.storedDataset(randomlyLabelled(50, 3), { classCount: 3 }),
    };
    const model = await storedClassifier(bench, engine, known);
    const request = auditRequest.parse({
      data: { members: datasets.members.id, nonMembers: datasets.nonMembers.id },
      tests: {
        membership: {
          attacks: [
            'rmia',
            'lira',
            'loss',
            'modifiedEntropy',
            { attack: 'rmia', probability: 'taylor', temperature: 2, trimmed: true },
          ],
          referenceModels: { count: 8 },
        },
        unlearningDifficulty: { verify: { forgetSets: sets, size, retrainSeeds: 2, epochs: 4 } },
      },
    });
    return bench.runPlan(prepareAudit('aud_00000001', request, { model, datasets }));
  }

  const total = (values: ArrayLike<number>) => Array.from(values).reduce((sum, one) => sum + one, 0);
  const arrays = (kind: Parameters<TaskBench['ran']['get']>[0]) => bench.ran.get(kind)!.arrays;

  it('finds that the labels are known by heart', () => {
    const { membership } = found;
    assert.equal(membership?.verdict, 'leak');
    for (const { scoreId, auc, control } of membership.attacks) {
      assert.ok(auc.status === 'measured' && auc.low > 0.7, scoreId);
      if (control.status === 'measured') assert.ok(control.low <= 0.5 && control.high >= 0.45, scoreId);
    }
    const { accuracyMembers, accuracyNonMembers } = membership.target;
    assert.ok(accuracyMembers.status === 'measured' && accuracyMembers.value > 0.95);
    assert.ok(accuracyNonMembers.status === 'measured' && accuracyNonMembers.value < 0.55);
    const { accuracyIn, accuracyOut, count, recipeFrom } = membership.referenceModels!;
    assert.deepEqual([count, recipeFrom], [8, 'manifest']);
    assert.ok(accuracyIn! > accuracyOut! + 0.3, `${accuracyIn} and ${accuracyOut}`);
  });

  it('says of every sample how much of the population it stands above, and how often chance would do as much', () => {
    const table = readSampleTable(written);
    const column = (name: string) => Array.from({ length: table.count }, (_, i) => Number(table.row(i)[name]));
    const [shares, pValues] = [column('rmia.populationShare'), column('rmia.populationPValue')];
    // 50 population samples: fiftieths, and fifty-firsts from 1 on.
    for (const share of shares) assert.ok(Math.abs(50 * share - Math.round(50 * share)) < 1e-9 && share <= 1);
    for (const p of pValues) assert.ok(Math.abs(51 * p - Math.round(51 * p)) < 1e-9 && p > 0 && p <= 1);
    const mean = (from: number, to: number) => total(pValues.slice(from, to)) / (to - from);
    // By chance every third random label is guessed: a third of the population stands as high as what is known by heart.
    const [inside, outside] = [mean(0, members), mean(members, members + nonMembers)];
    assert.ok(inside < 0.4 && outside > 0.5, `${inside} ${outside}`);
    const { columns } = found.samples;
    for (const scoreId of ['rmia', 'rmia-taylor-temperature2-trimmed'])
      assert.ok(columns.includes(`${scoreId}.populationShare`), scoreId);
  });

  it('trains every reference on half of the samples, and scores the population with each', () => {
    const { trainedOn, 'weights.head/kernel': kernel } = arrays('train-reference');
    const asked = arrays('collect-reference-signals');
    const n = members + nonMembers;
    assert.deepEqual(kernel.shape, [8, 32, 3]);
    assert.deepEqual(asked.trainedOn, trainedOn);
    const shapes = Object.entries(asked).map(([name, { shape }]) => [name, shape]);
    assert.deepEqual(Object.fromEntries(shapes), {
      trainedOn: [8, n],
      loss: [8, n],
      scaledConfidence: [8, n],
      correct: [8, n],
      predicted: [8, n],
      entropy: [8, n],
      modifiedEntropy: [8, n],
      margin: [8, n],
      topProbabilities: [8, n, 3],
      'lossUnder.taylor:2': [8, 1, n],
      'population.loss': [8, 50],
      'population.lossUnder.taylor:2': [8, 1, 50],
      'population.correct': [8, 50],
      'population.confidence': [8, 50],
    });
    for (let model = 0; model < 8; model += 1)
      assert.equal(total(trainedOn.data.subarray(model * n, (model + 1) * n)), n / 2);
  });

  it('watches members through training, from the first step to the last', () => {
    const { step, represents, gradientNorm, 'final.loss': final } = arrays('train-recorded');
    const steps = memorizingRecipe.epochs * Math.ceil(members / memorizingRecipe.batchSize);
    assert.deepEqual(gradientNorm.shape, [step.data.length, members]);
    assert.ok(step.data.every((at: number) => at < steps + 1));
    const covered = total(represents.data);
    assert.ok(Math.abs(covered - steps) < 1e-9, `${covered} of ${steps} steps`);
    assert.equal(final.data.length, members);
  });

  it('estimates difficulty for members alone', () => {
    const { data } = arrays('estimate-difficulty')['column.difficulty.privacyLoss'];
    assert.ok(data.subarray(0, members).every((value: number) => Number.isFinite(value) && value >= 0));
    assert.ok(data.subarray(members).every(Number.isNaN));
  });

  it('finds that memorised records stand above models that never saw them', () => {
    const { gap, sampleGapBefore, rows } = arrays('probe-unlearning');
    assert.deepEqual([rows.shape, sampleGapBefore.shape, gap.shape[0]], [[sets, size], [sets, size], sets]);
    assert.equal(new Set(rows.data).size, sets * size);
    const verification = found.unlearningDifficulty!.verification!;
    assert.equal(verification.forgetSets.length, sets);
    for (const { gapBefore } of verification.forgetSets)
      assert.ok(gapBefore.status === 'measured' && gapBefore.low > 0);
  });

  it('leaves a row for every judged sample', () => {
    const table = readSampleTable(written);
    assert.equal(table.count, members + nonMembers);
    assert.deepEqual(table.columns, found.samples.columns);
    const [first, last] = [table.row(0), table.row(table.count - 1)];
    assert.deepEqual([first.dataset, first.index, first.member], ['members', 0, 1]);
    assert.deepEqual(
      [last.dataset, last.index, last.member, last['difficulty.privacyLoss']],
      ['nonMembers', 99, 0, null],
    );
  });

  it('states the digests of the uploads it judged', () => {
    assert.deepEqual(Object.keys(found.reproduce.digests).sort(), ['members', 'model', 'nonMembers', 'population']);
    for (const digest of Object.values(found.reproduce.digests)) assert.match(digest, /^[0-9a-f]{64}$/);
  });

  it('writes the same report again', async () => {
    assert.deepEqual(readReport(await audit()), readReport(written));
  });
});
