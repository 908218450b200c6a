import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type AuditRequestInput, auditRequest, report as reportSchema } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { type Engine, openEngine } from '@engram/engine';
import { createRandom } from '@engram/numeric';
import { prepareAudit } from './prepare.js';
import { readReport, readSampleTable } from './report/report-bundle.js';
import { classes, storedClassifier, width } from './testing/made-classifier.js';
import { TaskBench } from './testing/task-bench.js';

const common = 100;
const rare = 40;

const numberOf = (measured: Measured) => (measured.status === 'measured' ? measured.value : Number.NaN);

/**
 * A long tail: a hundred samples of three large groups, and forty of a group of their own each, with a label that nothing
 * else tells. Every group is the same on both sides, so a rare member is the only one to learn its non-member from.
 */
function longTail(groups: Float64Array, labels: Int32Array, seed: number) {
  const random = createRandom(seed);
  const groupOf = (i: number) => (i < common ? i % classes : classes + i - common);
  const count = common + rare;
  return {
    input: {
      data: Float32Array.from({ length: count * width }, (_, at) => {
        const i = Math.floor(at / width);
        return groups[groupOf(i) * width + (at % width)] + 0.25 * random.normal();
      }),
      shape: [count, width],
    },
    label: { data: Int32Array.from({ length: count }, (_, i) => labels[groupOf(i)]), shape: [count] },
  };
}

describe('an audit of data with a long tail', () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine({ device: 'cpu', mode: 'recorded' });
  });
  after(() => engine.close());

  /** @param copied non-members of the tail that equal their member. */
  async function audit(copied: number) {
    const bench = new TaskBench(async () => engine);
    const random = createRandom(12);
    const groups = Float64Array.from({ length: (classes + rare) * width }, () => 2 * random.normal());
    const labels = Int32Array.from({ length: classes + rare }, (_, group) =>
      group < classes ? group : random.integer(classes),
    );
    const known = longTail(groups, labels, 1);
    const others = longTail(groups, labels, 2);
    const from = common * width;
    others.input.data.set(known.input.data.subarray(from, from + copied * width), from);
    const datasets = {
      members: await bench.storedDataset(known, { classCount: classes }),
      nonMembers: await bench.storedDataset(others, { classCount: classes }),
    };
    const request = auditRequest.parse({
      data: { members: datasets.members.id, nonMembers: datasets.nonMembers.id },
      tests: { memorization: { models: 16, onion: { removeFraction: 0.15, exposure: 'memorization' } } },
    } satisfies AuditRequestInput);
    const model = await storedClassifier(bench, engine, known);
    const written = await bench.runPlan(prepareAudit('aud_00000001', request, { model, datasets }));
    return {
      utility: reportSchema.parse(readReport(written)).memorization!.onion!.utility,
      table: readSampleTable(written),
    };
  }

  it('shows that memorised members are needed: nothing else teaches their groups', async () => {
    const { utility } = await audit(0);
    assert.equal(utility.necessity?.outcome, 'shown');
    // The 21 taken away are of the tail: of their 140 twins and others two thirds of 21 are then guessed wrong, 0.1. Of 21 at
    // random among the rest 21 (40 - 21) / 119 are of the tail, 0.016. Labels guessed from neighbours scatter by 0.015 each.
    assert.ok(Math.abs(numberOf(utility.testAccuracy.difference) + 0.084) < 0.06);
    assert.equal(numberOf(utility.trainingAccuracy.exposed), 1);
  });

  it('claims nothing when non-members of the tail are members over again', async () => {
    const { utility, table } = await audit(5);
    assert.equal(utility.necessity?.outcome, 'notClaimed');
    assert.match(utility.necessity.statement, /5 of 140 non-members are near-duplicates of a member/);
    const marked = Array.from({ length: table.count }, (_, i) => table.row(i)).filter(
      ({ nearMember }) => nearMember === 1,
    );
    assert.deepEqual(
      marked.map(({ dataset, index }) => [dataset, index]),
      [0, 1, 2, 3, 4].map((i) => ['nonMembers', common + i]),
    );
  });
});
