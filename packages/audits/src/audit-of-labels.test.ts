import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auditRequest, type Report, report as reportSchema } from '@engram/contract';
import type { Bundle, Measured, StoredDataset, StoredField } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { createRandom } from '@engram/numeric';
import { prepareAudit } from './prepare.js';
import { readReport, readSampleTable } from './report/report-bundle.js';
import { classes, memorizingRecipe, storedClassifier, width } from './testing/made-classifier.js';
import { TaskBench } from './testing/task-bench.js';

const members = 240;
const nonMembers = 90;
const epochs = memorizingRecipe.epochs;
/** Members uploaded with a wrong label. */
const mislabelled = [7, 60, 111, 200];

/** Three clouds that can be told apart: a label is learned from the others, a wrong one only by heart. */
function clouds(count: number, seed: number, wrong: readonly number[] = []) {
  const random = createRandom(seed);
  const label = Int32Array.from({ length: count }, () => random.integer(classes));
  const input = Float32Array.from(
    { length: count * width },
    (_, at) => random.normal() + (at % width === label[Math.floor(at / width)] ? 4 : 0),
  );
  for (const row of wrong) label[row] = (label[row] + 1) % classes;
  return { input: { data: input, shape: [count, width] }, label: { data: label, shape: [count] } };
}

describe('an audit of label memorization', () => {
  let engine: Engine;
  let bench: TaskBench;
  let written: Bundle;
  let found: NonNullable<Report['labelMemorization']>;
  let report: Report;
  before(async () => {
    engine = await openEngine({ device: 'cpu', mode: 'recorded' });
    written = await audit();
    report = reportSchema.parse(readReport(written));
    found = report.labelMemorization!;
  });
  after(() => engine.close());

  /** As an upload states it: with the range of its labels. */
  async function stored(samples: ReturnType<typeof clouds>): Promise<StoredDataset> {
    const dataset = await bench.storedDataset(samples, { classCount: classes });
    const { inspected } = dataset;
    const label = { ...inspected.fields.label, minimum: 0, maximum: classes - 1 } as StoredField;
    return { ...dataset, inspected: { ...inspected, fields: { ...inspected.fields, label } } };
  }

  async function audit(): Promise<Bundle> {
    bench = new TaskBench(async () => engine);
    const known = clouds(members, 1, mislabelled);
    const datasets = {
      members: await stored(known),
      nonMembers: await stored(clouds(nonMembers, 2)),
    };
    const model = await storedClassifier(bench, engine, known);
    const request = auditRequest.parse({
      data: { members: datasets.members.id, nonMembers: datasets.nonMembers.id },
      tests: { labelMemorization: { reviewShare: 0.05 } },
    });
    return bench.runPlan(prepareAudit('aud_00000001', request, { model, datasets }));
  }

  const value = (measured: Measured) => {
    assert.equal(measured.status, 'measured');
    return measured.status === 'measured' ? measured.value : Number.NaN;
  };

  it('learns labels drawn at random by heart, more slowly than true ones, and knows nothing else then', () => {
    const { levels, chance } = found.randomLabels!;
    assert.deepEqual(
      levels.map(({ corruption }) => corruption),
      [0, 0.5, 1],
    );
    const [asTheyAre, half, random] = levels;
    assert.equal(asTheyAre.randomLabelAccuracy.status, 'notMeasured');
    assert.ok(value(asTheyAre.heldOutAccuracy) > 0.9);
    assert.ok(random.randomLabelAccuracy.status === 'measured' && random.randomLabelAccuracy.low > chance + 0.2);
    assert.ok(random.heldOutAccuracy.status === 'measured' && random.heldOutAccuracy.low < chance + 0.1);
    assert.ok(value(asTheyAre.trainingAccuracy) > value(random.trainingAccuracy));
    assert.ok(value(half.heldOutAccuracy) > value(random.heldOutAccuracy));
    assert.ok(value(random.epochsToFit) > value(asTheyAre.epochsToFit));
  });

  it('finds labels flipped on purpose far better than chance', () => {
    const { scores, best, flipped, runs, precisionOfReview, votesForTruth } = found.noisyLabels!;
    assert.deepEqual([flipped, runs], [24, 3]);
    for (const { score, auroc } of scores)
      if (score !== 'loss')
        assert.ok(auroc.status === 'measured' && auroc.low > 0.6, `${score} ${JSON.stringify(auroc)}`);
    const winner = scores.find(({ score }) => score === best)!.auroc;
    assert.ok(winner.status === 'measured' && winner.value > 0.95 && winner.n === 3, JSON.stringify(winner));
    assert.ok(value(precisionOfReview) > 0.8);
    assert.ok(value(votesForTruth) > 0.8);
  });

  it('lists the members that were uploaded with a wrong label, and the label they should have', () => {
    const { listed, count } = found.review!;
    assert.deepEqual([count, listed.length], [12, 12]);
    const truth = clouds(members, 1).label.data;
    const caught = listed.filter(({ sampleId }) => mislabelled.includes(Number(sampleId)));
    assert.ok(caught.length >= 3, `${caught.length} of ${mislabelled.length}`);
    for (const { sampleId, votedLabel, label } of caught) {
      assert.equal(votedLabel, truth[Number(sampleId)]);
      assert.notEqual(votedLabel, label);
    }
  });

  it('sees the truth learned first and flipped labels by heart later', () => {
    const curve = found.earlyLearning!;
    assert.equal(curve.epochs.length, epochs);
    assert.ok(curve.point.status === 'measured' && curve.point.value < epochs / 2);
    const at = Math.round(value(curve.point)) - 1;
    assert.ok(curve.trueLabel.value[at] > 0.8);
    assert.ok(curve.clean.value[at] > 0.9 && curve.heldOut.value[at] > 0.9);
    assert.ok(value(curve.riseAfterPoint) > 0.2);
    assert.ok(curve.flippedLabel.value[epochs - 1] > curve.flippedLabel.value[at]);
    for (const { value: shares, low, high } of [curve.trueLabel, curve.flippedLabel, curve.clean, curve.heldOut])
      shares.forEach((share, epoch) => {
        assert.ok(low[epoch] <= share && share <= high[epoch]);
      });
  });

  it('puts suspicion beside each member, and none beside non-members', () => {
    const table = readSampleTable(written);
    assert.ok(table.columns.includes('labelSuspicion'));
    const first = Number(found.review!.listed[0].sampleId);
    const column = Array.from({ length: members }, (_, row) => Number(table.row(row).labelSuspicion));
    assert.ok(column.every((suspicion) => suspicion <= column[first]));
    assert.equal(table.row(members).labelSuspicion, null);
  });

  it('claims what its intervals show, without a verdict', () => {
    assert.equal(report.verdict, 'inconclusive');
    const ids = report.findings.map(({ id }) => id);
    assert.deepEqual(ids.toSorted(), [
      'labelMemorization.earlyLearning',
      `labelMemorization.noisyLabels.${found.noisyLabels!.best}`,
      'labelMemorization.randomLabels',
    ]);
    assert.ok(report.findings.every(({ severity }) => severity === 'low' || severity === 'info'));
    assert.ok(report.summary[0].endsWith('says nothing about a leak.'));
  });
});
