import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createRandom } from '@engram/numeric';
import { type BlindFeatures, datasetBlindFeatures } from './blind/blind-features.js';
import { crossDuplicates } from './cross-duplicates.js';
import { nearRows } from './near-rows.js';
import { openDataset } from './open-dataset.js';
import { MemoryStore } from './testing/memory-store.js';
import { project, readFiles } from './testing/read.js';
import { needs, sharedFile } from './testing/shared-data.js';
import { csvBytes } from './testing/write-formats.js';

const mnist = ['train-first5000-images-idx3-ubyte.gz', 'train-first5000-labels-idx1-ubyte.gz'].map((f) => `mnist/${f}`);
const mnistTest = ['t10k-first5000-images-idx3-ubyte.gz', 't10k-first5000-labels-idx1-ubyte.gz'].map(
  (f) => `mnist/${f}`,
);

async function readMnist([images, labels]: readonly string[], store: MemoryStore) {
  const manifest = { format: 'idx', fields: { input: { file: 'x', scale: 1 / 255 }, label: { file: 'y' } } };
  return await readFiles(manifest, { x: sharedFile(images!), y: sharedFile(labels!) }, { store });
}

describe('real data', () => {
  it('reads MNIST from gzipped IDX', needs(...mnist, ...mnistTest), async () => {
    const store = new MemoryStore();
    const train = await readMnist(mnist, store);
    assert.equal(train.count, 5000);
    assert.equal(train.classCount, 10);
    assert.equal(train.duplicates, 0);
    const { input } = train.fields;
    assert.deepEqual(input?.kind === 'numeric' && [input.dtype, input.rowShape, input.minimum, input.maximum], [
      'float32',
      [28, 28],
      0,
      1,
    ]);
    const dataset = openDataset(train, store, project);
    assert.deepEqual([...(await dataset.numbers('label', 0, 10)).data], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    const test = openDataset(await readMnist(mnistTest, store), store, project);
    assert.deepEqual(await crossDuplicates(dataset, test), { exact: 0 });
    const features = await datasetBlindFeatures(dataset);
    assert.deepEqual(features.shape, [5000, 66 + 10]);
  });

  it(
    'takes MNIST copied with a little noise for near-duplicates, and nothing else of it',
    needs(...mnist, ...mnistTest),
    async () => {
      const store = new MemoryStore();
      const [inside, outside] = [1500, 300];
      const rowsOf = async (files: readonly string[], count: number) =>
        (await openDataset(await readMnist(files, store), store, project).numbers('input', 0, count)).data;
      const data = Float32Array.from([...(await rowsOf(mnist, inside)), ...(await rowsOf(mnistTest, outside))]);
      const width = 28 * 28;
      const random = createRandom(1);
      // The first twenty become members whose grey values of 255 are a few off, as another encoder would leave them.
      for (let at = 0; at < 20 * width; at += 1) data[inside * width + at] = data[at] + (random.integer(9) - 4) / 255;
      const side = Uint8Array.from({ length: inside + outside }, (_, i) => Number(i < inside));
      const { rows, judged } = nearRows({ data, shape: [inside + outside, 28, 28] }, side, { seed: 1 });
      assert.deepEqual(
        [...rows],
        Array.from({ length: 20 }, (_, i) => inside + i),
      );
      assert.equal(judged.length, outside);
    },
  );

  const outputs = ['probs', 'logits', 'label', 'is_member'].map((f) => `location30-target-outputs/target_${f}.npy`);
  it('reads the recorded outputs of a Location-30 classifier', needs(...outputs), async () => {
    const [probabilities, logits, label, member] = outputs.map(sharedFile);
    const manifest = {
      format: 'npy',
      fields: { probabilities: { file: 'p' }, logits: { file: 'l' }, label: { file: 'y' }, member: { file: 'm' } },
    };
    const inspected = await readFiles(manifest, { p: probabilities!, l: logits!, y: label!, m: member! });
    const { fields: _, digest: __, ...counts } = inspected;
    assert.deepEqual(counts, { count: 2000, duplicates: 0, classCount: 30, members: 1000, nonMembers: 1000 });
  });

  it('reads Location-30 itself without duplicates', needs('location30/x.npy'), async () => {
    const manifest = { format: 'npy', fields: { input: { file: 'x' }, label: { file: 'y' } } };
    const files = { x: sharedFile('location30/x.npy'), y: sharedFile('location30/y.npy') };
    const { count, duplicates, classCount } = await readFiles(manifest, files);
    assert.deepEqual([count, duplicates, classCount], [5010, 0, 30]);
  });

  const emails = 'spamassassin-email/emails-1000.jsonl.gz';
  it(
    'reads e-mails from gzipped JSON lines; blind features tell spam from ham, and not ham from ham',
    needs(emails),
    async () => {
      const store = new MemoryStore();
      const manifest = { format: 'jsonl', fields: { text: { column: 'text' }, id: { column: 'id' } } };
      const inspected = await readFiles(manifest, { x: sharedFile(emails) }, { store });
      assert.equal(inspected.count, 1000);
      const dataset = openDataset(inspected, store, project);
      const ids = await dataset.ids();
      const isSpam = ids.map((id) => id.startsWith('spam'));
      assert.equal(isSpam.filter(Boolean).length, 200);
      const features = await datasetBlindFeatures(dataset);
      const rows = ids.map((_, i) => i);
      const blind = meanDifferenceAuc(features, rows, isSpam);
      assert.ok(blind > 0.95, `spam against ham ${blind}`);
      const ham = rows.filter((i) => !isSpam[i]);
      const coin = rows.map((i) => (Math.imul(i + 1, 0x9e3779b1) >>> 30) % 2 === 1);
      const null_ = meanDifferenceAuc(features, ham, coin);
      // 400 ham are scored: s.e. of the AUC under the null is 0.029; 4 of them.
      assert.ok(Math.abs(null_ - 0.5) < 0.116, `ham against ham ${null_}`);
    },
  );

  const adult = 'adult/adult.data.gz';
  it('reads the numeric columns of Adult from CSV without a header row', needs(adult), async () => {
    const header =
      'age,workclass,fnlwgt,education,education-num,marital,occupation,relationship,race,sex,gain,loss,hours,country,income'.split(
        ',',
      );
    const columns = ['age', 'fnlwgt', 'education-num', 'gain', 'loss', 'hours'];
    const manifest = { format: 'csv', header, fields: { input: { columns }, text: { column: 'occupation' } } };
    const store = new MemoryStore();
    const inspected = await readFiles(manifest, { x: sharedFile(adult) }, { store });
    assert.equal(inspected.count, 32_561);
    const { data } = await openDataset(inspected, store, project).numbers('input', 0, 1);
    assert.deepEqual([...data], [39, 77_516, 13, 2174, 0, 40]);
    const labelled = { format: 'csv', header, fields: { input: { columns }, label: { column: 'income' } } };
    await assert.rejects(readFiles(labelled, { x: sharedFile(adult) }), {
      code: 'ENG_VALUES_INVALID',
      message: /row 0 .*column "income" is not a number/,
    });
  });

  const abalone = 'abalone-tfjs/abalone.csv';
  it('reads abalone, and the same rows written anew, to one digest', needs(abalone), async () => {
    const bytes = sharedFile(abalone);
    const [head, ...rows] = Buffer.from(bytes)
      .toString()
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(','));
    const columns = Object.fromEntries(head!.map((name, j) => [name, rows.map((row) => row[j]!)]));
    const manifest = { format: 'csv', fields: { input: { columns: head!.slice(1, 8) }, label: { column: 'rings' } } };
    const read = await readFiles(manifest, { x: bytes });
    assert.equal(read.count, rows.length);
    assert.equal((await readFiles(manifest, { x: csvBytes(columns) })).digest, read.digest);
  });

  it(
    'reads token ids of the extraction challenge as integers',
    needs('lm-extraction-benchmark/train_prefix.npy'),
    async () => {
      const manifest = { format: 'npy', fields: { input: { file: 'x' } } };
      const { count, fields } = await readFiles(manifest, {
        x: sharedFile('lm-extraction-benchmark/train_prefix.npy'),
      });
      assert.equal(count, 15_000);
      assert.deepEqual(fields.input?.kind === 'numeric' && [fields.input.dtype, fields.input.rowShape], [
        'int32',
        [50],
      ]);
    },
  );

  it(
    'finds the question TOFU repeats, and none shared by forget and retain set',
    needs('tofu/retain90.jsonl', 'tofu/forget10.jsonl'),
    async () => {
      const store = new MemoryStore();
      const manifest = { format: 'jsonl', fields: { text: { column: 'question' } } };
      const retain = await readFiles(manifest, { x: sharedFile('tofu/retain90.jsonl') }, { store });
      const forget = await readFiles(manifest, { x: sharedFile('tofu/forget10.jsonl') }, { store });
      assert.deepEqual([retain.count, retain.duplicates], [3600, 1]);
      const shared = await crossDuplicates(openDataset(retain, store, project), openDataset(forget, store, project));
      assert.equal(shared.exact, 0);
    },
  );

  it(
    'tells a file that is still packed from one that was unpacked by nothing but its bytes',
    needs(...mnist),
    async () => {
      const store = new MemoryStore();
      const packed = await readMnist(mnist, store);
      const manifest = { format: 'idx', fields: { input: { file: 'x.gz', scale: 1 / 255 }, label: { file: 'y.gz' } } };
      const files = { 'x.gz': gunzipSync(sharedFile(mnist[0]!)), 'y.gz': gunzipSync(sharedFile(mnist[1]!)) };
      assert.equal((await readFiles(manifest, files)).digest, packed.digest);
    },
  );
});

/** AUC on odd rows of the projection on the difference of class means of the even rows, features standardised. */
function meanDifferenceAuc(
  { data, shape }: BlindFeatures,
  rows: readonly number[],
  isPositive: readonly boolean[],
): number {
  const width = shape[1]!;
  const train = rows.filter((_, k) => k % 2 === 0);
  const weights = Float64Array.from({ length: width }, (_, j) => {
    const values = train.map((i) => data[i * width + j]!);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    const of = (positive: boolean) => train.filter((i) => isPositive[i] === positive).map((i) => data[i * width + j]!);
    const average = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
    return variance === 0 ? 0 : (average(of(true)) - average(of(false))) / variance;
  });
  const scored = rows
    .filter((_, k) => k % 2 === 1)
    .map((i) => ({
      positive: isPositive[i]!,
      score: weights.reduce((sum, weight, j) => sum + weight * data[i * width + j]!, 0),
    }));
  const positives = scored.filter(({ positive }) => positive);
  const negatives = scored.filter(({ positive }) => !positive);
  let wins = 0;
  for (const { score } of positives)
    for (const other of negatives) wins += score > other.score ? 1 : score === other.score ? 0.5 : 0;
  return wins / (positives.length * negatives.length);
}
