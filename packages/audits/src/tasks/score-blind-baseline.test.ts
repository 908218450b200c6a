import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gate as gateSchema } from '@engram/contract';
import { createRandom } from '@engram/numeric';
import { TaskBench } from '../testing/task-bench.js';
import { vector } from './audit-rows.js';
import { readBlindBaseline } from './score-blind-baseline.js';

const count = 120;

function rows(seed: number, shift = 0) {
  const random = createRandom(seed);
  return { data: Float32Array.from({ length: 3 * count }, () => random.normal() + shift), shape: [count, 3] };
}

async function compare(
  members: Parameters<TaskBench['dataset']>[0],
  nonMembers: Parameters<TaskBench['dataset']>[0],
  rest: Parameters<TaskBench['dataset']>[1] = {},
) {
  const bench = new TaskBench();
  const { bundle } = await bench.run(
    'score-blind-baseline',
    { members: await bench.dataset(members, rest), nonMembers: await bench.dataset(nonMembers, rest) },
    { confidence: 0.95 },
  );
  const found = readBlindBaseline(bundle);
  gateSchema.parse(found.gate);
  return found;
}

describe('comparing members and non-members without a model', () => {
  it('finds nothing in samples of one source, and keeps the scores it judged by', async () => {
    const { gate, scored, shared } = await compare({ input: rows(1) }, { input: rows(2) });
    assert.ok(gate.outcome === 'pass' || gate.outcome === 'inconclusive', gate.outcome);
    assert.equal(scored?.scores.length, 2 * count);
    assert.deepEqual(shared, { exact: 0, near: null, calibration: 0 });
  });

  it('fails samples of two sources', async () => {
    assert.equal((await compare({ input: rows(1) }, { input: rows(2, 2) })).gate.outcome, 'fail');
  });

  it('fails a split by class, whatever the inputs', async () => {
    const label = (from: number) => vector(Int32Array.from({ length: count }, (_, i) => from + (i % 5)));
    const { gate, evidence } = await compare(
      { input: rows(1), label: label(0) },
      { input: rows(2), label: label(5) },
      { classCount: 10 },
    );
    assert.equal(gate.outcome, 'fail');
    assert.ok(gate.measured.status === 'measured' && gate.measured.value > 0.99);
    assert.deepEqual(
      evidence?.classifiers.map(({ classifier }) => classifier),
      ['logistic', 'naiveBayes', 'randomForest', 'meanRank'],
    );
  });

  it('lets labels fail a split, and not vouch for samples that are not shown', async () => {
    const label = (from: number) => ({ label: vector(Int32Array.from({ length: count }, (_, i) => from + (i % 5))) });
    assert.equal((await compare(label(0), label(5), { classCount: 10 })).gate.outcome, 'fail');
    const { gate, evidence } = await compare(label(0), label(0), { classCount: 10 });
    assert.deepEqual([gate.outcome, gate.measured.status, evidence?.n], ['notRun', 'measured', 2 * count]);
    assert.match(gate.statement, /by their labels alone the groups are not told apart .* Add an input field/);
  });

  it('fails a split by row order where what is collected drifts', async () => {
    // Each column rises by one and a half deviations over the 240 rows: halves differ by 0.75, one column an AUC of 0.70.
    const random = createRandom(4);
    const drifting = (from: number) => ({
      data: Float32Array.from(
        { length: 3 * count },
        (_, k) => random.normal() + (1.5 * (from + Math.floor(k / 3))) / (2 * count),
      ),
      shape: [count, 3],
    });
    assert.equal((await compare({ input: drifting(0) }, { input: drifting(count) })).gate.outcome, 'fail');
  });

  it('tells how many samples would settle what chance may have done', async () => {
    const { gate } = await compare({ input: rows(1) }, { input: rows(2) });
    if (gate.outcome !== 'pass')
      assert.match(gate.statement, /chance does this too \(p = .*\): \d+ on each side would tell/);
  });

  it('counts the samples that are on both sides', async () => {
    const both = rows(2);
    both.data.set(rows(1).data.subarray(0, 15));
    assert.deepEqual((await compare({ input: rows(1) }, { input: both })).shared, {
      exact: 5,
      near: null,
      calibration: 0,
    });
  });

  it('counts them in one audit set too, and fails when they are many', async () => {
    const bench = new TaskBench();
    const input = { data: new Float32Array([...rows(1).data, ...rows(1).data]), shape: [2 * count, 3] };
    const member = vector(Uint8Array.from({ length: 2 * count }, (_, i) => Number(i < count)));
    const { bundle } = await bench.run(
      'score-blind-baseline',
      { auditSet: await bench.dataset({ input, member }) },
      { confidence: 0.95 },
    );
    const { shared, sharedGate } = readBlindBaseline(bundle);
    assert.deepEqual([shared?.exact, sharedGate.outcome], [count, 'fail']);
    assert.match(sharedGate.statement, /120 of 120 non-members equal a member/);
  });

  it('keeps how far each sample lies from the middle, and which repeat', async () => {
    const both = rows(2);
    both.data.fill(50, 0, 3);
    both.data.set(both.data.subarray(3, 6), 6);
    const { outliers, firstLike } = await compare({ input: rows(1) }, { input: both });
    assert.equal(outliers?.indexOf(Math.max(...outliers)), count);
    assert.deepEqual([...firstLike!.subarray(count, count + 4)], [count, count + 1, count + 1, count + 3]);
  });

  it('judges none of the samples set aside', async () => {
    const bench = new TaskBench();
    const [members, nonMembers] = [await bench.dataset({ input: rows(1) }), await bench.dataset({ input: rows(2) })];
    const run = async (more: Record<string, string>) =>
      readBlindBaseline(
        (await bench.run('score-blind-baseline', { members, nonMembers, ...more }, { confidence: 0.95 })).bundle,
      );
    const apart = await run({});
    assert.deepEqual(await run({ calibration: await bench.dataset({ input: rows(3, 9) }) }), apart);
    // Seven of each side, with a field the others lack.
    const judged = rows(3);
    judged.data.set(rows(1).data.subarray(0, 21));
    judged.data.set(rows(2).data.subarray(0, 21), 21);
    const label = vector(new Int32Array(count));
    const { shared, ...rest } = await run({
      calibration: await bench.dataset({ input: judged, label }, { classCount: 2 }),
    });
    assert.deepEqual([shared, rest.gate], [{ exact: 0, near: null, calibration: 14 }, apart.gate]);
  });

  it('is not run on outputs, and says what would help', async () => {
    const loss = vector(new Float64Array(count));
    const { gate, scored, shared } = await compare({ loss }, { loss });
    assert.deepEqual([gate.outcome, scored, shared], ['notRun', null, null]);
    assert.match(gate.statement, /Add an input field/);
  });

  it('is not run where only one side shows its samples, or another shape of them', async () => {
    const loss = vector(new Float64Array(count));
    assert.equal((await compare({ loss, input: rows(1) }, { loss })).gate.outcome, 'notRun');
    const wide = { data: new Float32Array(4 * count), shape: [count, 4] };
    assert.equal((await compare({ input: rows(1) }, { input: wide })).gate.outcome, 'notRun');
  });
});
