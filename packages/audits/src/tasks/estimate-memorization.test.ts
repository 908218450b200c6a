import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditRequest, report as reportSchema } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { createRandom } from '@engram/numeric';
import { prepareAudit } from '../prepare.js';
import { readReport, readSampleTable } from '../report/report-bundle.js';
import { TaskBench } from '../testing/task-bench.js';
import { bankMask } from './reference-masks.js';

const side = 60;
const models = 32;
const classes = 4;
const numberOf = (measured: Measured) => (measured.status === 'measured' ? measured.value : Number.NaN);

/**
 * Recorded outputs of 32 models that know what they were trained on and give every class the same probability else, on
 * samples of which the first half of each side is known to all: memorization is 0 there and 0.75 elsewhere.
 */
async function audit(bench: TaskBench, referenceField: 'referenceProbabilities' | 'referenceLoss') {
  const random = createRandom(3);
  const masks = Array.from({ length: models }, (_, model) =>
    bankMask({ seed: 5, params: {} } as never, model, 2 * side),
  );
  const probabilityOf = (known: boolean) => (known ? 0.97 : 0.25) + 0.01 * random.uniform();
  const part = async (start: number) => {
    const label = Int32Array.from({ length: side }, () => random.integer(classes));
    const isCommon = (i: number) => i < side / 2;
    const rowOf = (i: number, known: boolean) => {
      const truth = probabilityOf(known);
      return Array.from({ length: classes }, (_, j) => (j === label[i] ? truth : (1 - truth) / (classes - 1)));
    };
    const everyone = Array.from({ length: side }, (_, i) => i);
    const target = everyone.flatMap((i) => rowOf(i, isCommon(i) || start === 0));
    const answers = masks.map((mask) => everyone.map((i) => rowOf(i, isCommon(i) || mask[start + i] === 1)));
    const references =
      referenceField === 'referenceProbabilities'
        ? { data: Float64Array.from(answers.flat(2)), shape: [models, side, classes] }
        : {
            data: Float64Array.from(answers.flatMap((rows) => rows.map((row, i) => -Math.log(row[label[i]])))),
            shape: [models, side],
          };
    return bench.storedDataset(
      {
        probabilities: { data: Float64Array.from(target), shape: [side, classes] },
        label: { data: label, shape: [side] },
        [referenceField]: references,
        referenceMember: {
          data: Uint8Array.from(masks.flatMap((mask) => [...mask.subarray(start, start + side)])),
          shape: [models, side],
        },
      },
      { classCount: classes, referenceModels: models },
    );
  };
  const datasets = { members: await part(0), nonMembers: await part(side) };
  const request = auditRequest.parse({
    data: { members: datasets.members.id, nonMembers: datasets.nonMembers.id },
    tests: { memorization: {} },
  });
  const written = await bench.runPlan(prepareAudit('aud_00000001', request, { datasets }));
  return { found: reportSchema.parse(readReport(written)), table: readSampleTable(written) };
}

describe('memorization from recorded outputs', () => {
  it('tells what is known to all from what only models trained on it know', async () => {
    const { found, table } = await audit(new TaskBench(), 'referenceProbabilities');
    const { members, verdict, bank, target, typicality, influence, onion } = found.memorization!;
    assert.deepEqual([found.membership, influence, onion, verdict, found.verdict], [null, null, null, 'leak', 'leak']);
    assert.deepEqual([bank.models, bank.recipeFrom, bank.subsetFraction], [models, 'given', 0.5]);
    assert.equal(numberOf(members.certified), 0.5);
    assert.ok(Math.abs(numberOf(members.mean) - 0.36) < 0.005);
    assert.ok(Math.abs(numberOf(target.members) - 0.72) < 0.01 && Math.abs(numberOf(target.nonMembers)) < 0.01);
    assert.ok(Math.abs(numberOf(typicality.agreement) - 1) < 1e-12 && numberOf(typicality.consistency) > 0.5);
    const [common, alone] = [table.row(0), table.row(side - 1)];
    assert.ok(Math.abs(Number(common.memorization)) < 0.01 && Math.abs(Number(alone.memorization) - 0.72) < 0.01);
    assert.deepEqual([common.consistency, common.agreement], [1, 1]);
  });

  it('does with losses alone, and leaves out what they cannot tell', async () => {
    const { found, table } = await audit(new TaskBench(), 'referenceLoss');
    assert.equal(numberOf(found.memorization!.members.certified), 0.5);
    assert.equal(found.memorization!.typicality.consistency.status, 'notMeasured');
    assert.ok(!table.columns.includes('consistency') && table.columns.includes('vulnerability'));
  });
});
