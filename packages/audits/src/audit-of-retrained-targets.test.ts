import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auditRequest, type Report, report as reportSchema } from '@engram/contract';
import type { Bundle, Measured } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { mean } from '@engram/numeric';
import { prepareAudit } from './prepare.js';
import { readReport, readSampleTable } from './report/report-bundle.js';
import { randomlyLabelled, storedClassifier } from './testing/made-classifier.js';
import { TaskBench } from './testing/task-bench.js';

const members = 120;
const nonMembers = 100;
const setAside = 40;
const trainings = 5;

const numberOf = (measured: Measured) => (measured.status === 'measured' ? measured.value : Number.NaN);

/** A network that knows 120 random labels by heart, and five more that were trained like it. */
describe('an audit with retrained targets', () => {
  let engine: Engine;
  let bench: TaskBench;
  let written: Bundle;
  let found: Report;
  before(async () => {
    engine = await openEngine({ device: 'cpu', mode: 'recorded' });
    bench = new TaskBench(async () => engine);
    const known = randomlyLabelled(members, 1);
    const datasets = {
      members: await bench.storedDataset(known, { classCount: 3 }),
      nonMembers: await bench.storedDataset(randomlyLabelled(nonMembers, 2), { classCount: 3 }),
      calibration: await bench.storedDataset(randomlyLabelled(setAside, 4), { classCount: 3 }),
      population: await bench.storedDataset(randomlyLabelled(50, 3), { classCount: 3 }),
    };
    const model = await storedClassifier(bench, engine, known);
    const request = auditRequest.parse({
      data: { members: datasets.members.id, nonMembers: datasets.nonMembers.id },
      tests: {
        membership: {
          attacks: ['lira', 'rmia', 'loss', 'modifiedEntropy', 'gradientNorm'],
          referenceModels: { count: 8 },
          retrainedTargets: { count: trainings },
        },
      },
    });
    written = await bench.runPlan(prepareAudit('aud_00000001', request, { model, datasets }));
    found = reportSchema.parse(readReport(written));
  });
  after(() => engine.close());

  const retrained = () => found.membership!.retrainedTargets!;

  it('trains each on all members and nothing else, and asks it about every row', () => {
    const asked = bench.ran.get('collect-reference-signals')!.arrays;
    assert.deepEqual(asked.trainedOn.shape, [trainings, members + nonMembers + setAside]);
    const marks = asked.trainedOn.data;
    for (let model = 0; model < trainings; model += 1) {
      const mask = marks.subarray(model * 260, (model + 1) * 260);
      assert.deepEqual(
        [...mask],
        Array.from({ length: 260 }, (_, row) => Number(row < members)),
      );
    }
    // Other seeds: no two say the same of the non-members.
    const first = (model: number) => asked.loss.data[model * 260 + members];
    assert.equal(new Set(Array.from({ length: trainings }, (_, model) => first(model))).size, trainings);
    assert.equal(found.membership!.referenceModels!.count, 8);
  });

  it('scores them by every attack that reads what a reference leaves, and says which it left out', () => {
    const { attacks, leftOut, count } = retrained();
    assert.deepEqual(
      [count, attacks.map(({ scoreId }) => scoreId)],
      [trainings, ['lira', 'rmia', 'loss', 'modifiedEntropy']],
    );
    assert.deepEqual(
      leftOut.map(({ attack }) => attack),
      ['gradientNorm'],
    );
  });

  it('finds about as much in them as in the audited model, which is a draw of the same recipe', () => {
    for (const { scoreId, auc, tprAtFpr } of retrained().attacks) {
      assert.ok(auc.retrained.status === 'measured' && auc.retrained.n === trainings, scoreId);
      // Networks that know every label of 120 by heart differ little in what they give away.
      assert.ok(auc.retrained.low > 0.75, `${scoreId} ${auc.retrained.low}`);
      assert.ok(Math.abs(auc.retrained.value - numberOf(auc.audited)) < 0.1, scoreId);
      assert.ok(auc.retrained.high - auc.retrained.low < 0.15, scoreId);
      assert.deepEqual(
        tprAtFpr.map(({ fpr, retrained: { status } }) => [fpr, status]),
        [[0.1, 'measured']],
      );
    }
    const { accuracyMembers, accuracyNonMembers } = retrained();
    assert.ok(numberOf(accuracyMembers!.retrained) > 0.85 && numberOf(accuracyNonMembers!.retrained) < 0.55);
  });

  it('flags members in more trainings than non-members, and tells how many flags reproduce', () => {
    const table = readSampleTable(written);
    const shares = (wanted: number, dataset: string) =>
      Array.from({ length: table.count }, (_, i) => table.row(i))
        .filter((row) => row.member === wanted && row.dataset === dataset)
        .map(({ flaggedShare }) => flaggedShare as number);
    const [ours, theirs] = [shares(1, 'members'), shares(0, 'nonMembers')];
    assert.ok(mean(ours) > mean(theirs) + 0.15, `${mean(ours)} and ${mean(theirs)}`);
    assert.ok(theirs.every((share) => share >= 0 && share <= 1));
    const flags = retrained().flags!;
    assert.deepEqual([flags.scoreId, flags.fpr, flags.needed], ['lira', 0.1, 4]);
    assert.equal(flags.reliablyExposed, ours.filter((share) => share >= 0.8 - 1e-9).length);
    assert.ok(flags.reliablyExposed > 0 && flags.sampleIds.length === Math.min(20, flags.reliablyExposed));
    assert.ok(numberOf(flags.share) > numberOf(flags.nonMembers) + 0.1);
    assert.ok(numberOf(flags.reproduced) > numberOf(flags.share));
    assert.ok(shares(0, 'calibration').every((share) => share === null));
  });

  it('gives the information its scores prove an interval over the retrained targets', () => {
    const { cmi } = found.membership!;
    assert.ok(cmi?.status === 'measured' && cmi.overRetrained?.status === 'measured');
    const { low, value, high, n, confidence } = cmi.overRetrained;
    assert.deepEqual([n, confidence], [trainings, 0.95]);
    assert.ok(low >= 0 && low < value && value < high && high <= 1);
    // A network that knows its labels by heart gives away a good part of the one bit, whichever run it is.
    assert.ok(value > 0.1 && Math.abs(value - cmi.bitsPerPair) < 0.3, `${value} and ${cmi.bitsPerPair}`);
  });

  it('says that the verdict is of one run, and that others stand beside it', () => {
    assert.match(found.membership!.limits[0], /one run of its recipe\. 5 more runs/);
    // The separation of single samples, which needs no retrained target, stands beside.
    assert.ok(found.membership!.vulnerability !== null);
  });
});
