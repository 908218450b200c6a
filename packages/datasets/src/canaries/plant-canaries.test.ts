import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EngramError } from '@engram/domain';
import { createRandom, sha256Hex } from '@engram/numeric';
import { openDataset } from '../open-dataset.js';
import { MemoryStore } from '../testing/memory-store.js';
import { project } from '../testing/read.js';
import { type PlantRequest, plantCanaries } from './plant-canaries.js';

const classes = 5;
const width = 3;

/** Samples of three numbers, the first of which is their row; `twins` rows at the end repeat the first ones. */
async function planted(samples: number, count: number, more: Partial<PlantRequest> & { twins?: number } = {}) {
  const store = new MemoryStore();
  const random = createRandom(1);
  const { twins = 0, ...rest } = more;
  const input = Float32Array.from({ length: samples * width }, (_, i) => {
    const row = Math.floor(i / width) % (samples - twins);
    return i % width === 0 ? row : row / 7;
  });
  const label = Int32Array.from({ length: samples }, (_, i) => (i < classes ? i : random.integer(classes)));
  const column = async (data: Float32Array | Int32Array, rowShape: number[]) => ({
    kind: 'numeric' as const,
    dtype: data instanceof Float32Array ? ('float32' as const) : ('int32' as const),
    rowShape,
    rows: samples,
    digest: (await store.put(project, new Uint8Array(data.buffer))).digest,
    minimum: 0,
    maximum: samples,
  });
  const inspected = {
    count: samples,
    fields: { input: await column(input, [width]), label: await column(label, []) },
    duplicates: twins,
    classCount: classes,
    digest: sha256Hex('source'),
  };
  const source = openDataset(inspected, store, project);
  const request: PlantRequest = { source, count, seed: 3, allowLargeShare: false, store, project, ...rest };
  const found = await plantCanaries(request);
  const open = async (which: 'canaries' | 'trainingSet') => {
    const opened = openDataset(found[which], store, project);
    const rows = (await opened.numbers('input')).data.filter((_, i) => i % width === 0);
    return { rows: [...rows], labels: [...(await opened.numbers('label')).data], opened };
  };
  const canaries = await open('canaries');
  const coins = [...(await canaries.opened.numbers('member')).data];
  return { found, label, canaries, coins, training: await open('trainingSet') };
}

describe('planting mislabelled canaries', () => {
  it('gives each a wrong class, every wrong class as often, and takes no row twice', async () => {
    const { canaries, label } = await planted(20_000, 2000, { allowLargeShare: true });
    assert.equal(new Set(canaries.rows).size, 2000);
    const shifts = new Array<number>(classes).fill(0);
    canaries.rows.forEach((row, i) => {
      shifts[(canaries.labels[i] - label[row] + classes) % classes] += 1;
    });
    assert.equal(shifts[0], 0);
    // Four standard errors of a count of 2000 with probability 1/4.
    for (const shift of shifts.slice(1)) assert.ok(Math.abs(shift - 500) < 4 * Math.sqrt(375), `${shifts}`);
  });

  it('throws a fair coin for each, and says how they fell by a digest', async () => {
    const { coins, found } = await planted(20_000, 2000, { allowLargeShare: true });
    assert.ok(Math.abs(found.included - 1000) < 4 * Math.sqrt(500), `${found.included}`);
    assert.notEqual(found.included, 1000);
    assert.equal(found.coinsDigest, sha256Hex(Uint8Array.from(coins)));
    assert.deepEqual([found.canaries.members, found.canaries.nonMembers], [found.included, 2000 - found.included]);
  });

  it('trains on every other row as it was, then on the canaries whose coin said so', async () => {
    const { canaries, coins, training, label, found } = await planted(15_000, 150);
    const isCanary = new Set(canaries.rows);
    const others = [...label.keys()].filter((row) => !isCanary.has(row));
    const chosen = canaries.rows.filter((_, i) => coins[i] === 1);
    assert.deepEqual(training.rows, [...others, ...chosen]);
    assert.deepEqual(training.labels, [
      ...others.map((row) => label[row]),
      ...canaries.labels.filter((_, i) => coins[i] === 1),
    ]);
    assert.deepEqual([found.trainingSet.count, found.trainingSet.classCount], [15_000 - 150 + found.included, classes]);
    assert.deepEqual(
      [found.trainingSet.fields.input, found.canaries.fields.member].map((field) =>
        field?.kind === 'numeric' ? [field.dtype, field.rowShape, field.minimum] : null,
      ),
      [
        ['float32', [width], 0],
        ['uint8', [], 0],
      ],
    );
  });

  it('leaves samples that occur twice alone', async () => {
    const { canaries } = await planted(300, 100, { allowLargeShare: true, twins: 100 });
    // Rows 0 to 99 are repeated at 200 to 299: only 100 to 199 are left.
    assert.deepEqual(
      canaries.rows,
      Array.from({ length: 100 }, (_, i) => 100 + i),
    );
    await assert.rejects(planted(300, 101, { allowLargeShare: true, twins: 100 }), {
      code: 'ENG_INSUFFICIENT_SAMPLES',
    });
  });

  it('is the same for a seed, and other canaries and coins for another', async () => {
    const [one, again, other] = [
      await planted(10_000, 100),
      await planted(10_000, 100),
      await planted(10_000, 100, { seed: 4 }),
    ];
    assert.deepEqual(one.found, again.found);
    assert.notEqual(one.found.coinsDigest, other.found.coinsDigest);
    assert.notDeepEqual(one.canaries.rows, other.canaries.rows);
  });

  it('refuses more than one canary in a hundred samples unless that is allowed, and more than half always', async () => {
    await assert.rejects(
      planted(10_000, 101),
      ({ code, faults }: EngramError) =>
        code === 'ENG_INSUFFICIENT_SAMPLES' && faults[0].pointer === '/count' && /at most 100/.test(faults[0].message),
    );
    // One in a hundred of 3,000 is fewer than can be asked for at all: no advice to plant 30.
    await assert.rejects(
      planted(3000, 101),
      ({ remedy }: EngramError) => remedy?.startsWith('Use 10100 training') ?? false,
    );
    assert.equal((await planted(10_000, 101, { allowLargeShare: true })).found.canaries.count, 101);
    await assert.rejects(planted(200, 101, { allowLargeShare: true }), { code: 'ENG_INSUFFICIENT_SAMPLES' });
  });

  it('refuses samples without labels', async () => {
    const store = new MemoryStore();
    const source = openDataset({ count: 10, fields: {}, duplicates: 0, digest: '' }, store, project);
    await assert.rejects(plantCanaries({ source, count: 1, seed: 1, allowLargeShare: true, store, project }), {
      code: 'ENG_DATA_MODEL_MISMATCH',
    });
  });
});
