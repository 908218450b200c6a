import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { openDataset } from '../open-dataset.js';
import { MemoryStore } from '../testing/memory-store.js';
import { project, readFiles } from '../testing/read.js';
import { jsonlBytes, npyBytes } from '../testing/write-formats.js';
import { type BlindFeatures, blindFeatures, datasetBlindFeatures } from './blind-features.js';

/** One row's features by name. */
function row(features: BlindFeatures, index: number): Record<string, number> {
  const width = features.names.length;
  return Object.fromEntries(features.names.map((name, j) => [name, features.data[index * width + j]!]));
}

describe('blindFeatures of images', () => {
  const ramp = Float32Array.from({ length: 256 }, (_, i) => Math.floor(i / 16));

  it('averages a 16 × 16 image to 8 × 8 and gives its mean and deviation', () => {
    const features = blindFeatures({ inputs: { data: ramp, shape: [1, 16, 16] } });
    const values = row(features, 0);
    assert.deepEqual(features.shape, [1, 66]);
    // Rows 0 to 15: mean 7.5, variance (16² − 1) / 12.
    assert.equal(values.channelMean0, 7.5);
    assert.ok(Math.abs(values.channelDeviation0! - Math.sqrt(255 / 12)) < 1e-12);
    assert.equal(values.thumbnail0, 0.5);
    assert.equal(values.thumbnail8, 2.5);
    assert.equal(values.thumbnail63, 14.5);
  });

  it('sees the same picture in height × width × channels and channels × height × width', () => {
    const hwc = Float32Array.from({ length: 5 * 7 * 3 }, (_, i) => Math.sin(i));
    const chw = new Float32Array(hwc.length);
    for (let p = 0; p < 35; p++) for (let c = 0; c < 3; c++) chw[c * 35 + p] = hwc[p * 3 + c]!;
    const a = blindFeatures({ inputs: { data: hwc, shape: [1, 5, 7, 3] } });
    const b = blindFeatures({ inputs: { data: chw, shape: [1, 3, 5, 7] } });
    assert.equal(a.names.length, 6 + 35);
    for (let i = 0; i < a.data.length; i++) assert.ok(Math.abs(a.data[i]! - b.data[i]!) < 1e-12);
  });
});

describe('blindFeatures of tables', () => {
  it('keeps every column of narrow tables', () => {
    const features = blindFeatures({ inputs: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] } });
    assert.deepEqual([...features.data.subarray(0, 4)], [1, 2, 3, 2]);
    assert.deepEqual(features.names, ['column0', 'column1', 'column2', 'rowMean', 'rowDeviation']);
  });

  it('folds wide tables so that every column still counts', () => {
    const columns = 40;
    for (let j = 0; j < columns; j++) {
      const data = new Float32Array(columns);
      data[j] = 1;
      const features = blindFeatures({ inputs: { data, shape: [1, columns] } }, { columnCap: 8 });
      assert.equal(features.names.length, 10);
      const folded = features.data.subarray(0, 8);
      assert.equal(
        folded.reduce((sum, value) => sum + Math.abs(value), 0),
        1,
      );
    }
  });
});

describe('blindFeatures of texts', () => {
  it('gives length, character classes and the largest year by hand', () => {
    const values = row(blindFeatures({ texts: ['In 1999 and 2024,\nnot 12345 É'] }), 0);
    const length = 29;
    assert.equal(values.logCharacters, Math.log1p(length));
    assert.equal(values.logWords, Math.log1p(7));
    assert.equal(values.digits, 13 / length);
    assert.equal(values.upperCase, 1 / length);
    assert.equal(values.punctuation, 1 / length);
    assert.equal(values.lineBreaks, 1 / length);
    assert.equal(values.beyondAscii, 1 / length);
    assert.equal(values.hasYear, 1);
    assert.equal(values.largestYear, 2.4);
  });

  it('tells no year from the year 2000', () => {
    const features = blindFeatures({ texts: ['the year 2000', 'no year, 20000 neither'] });
    assert.deepEqual([row(features, 0).hasYear, row(features, 1).hasYear], [1, 0]);
  });

  it('packs repetition better than noise, and gives finite values for an empty text', () => {
    const noise = Array.from({ length: 400 }, (_, i) => String.fromCharCode(97 + ((i * i * 31 + i * 17) % 26))).join(
      '',
    );
    const features = blindFeatures({ texts: ['ab '.repeat(133), noise, ''] });
    assert.ok(row(features, 0).compressionRatio! < row(features, 1).compressionRatio!);
    assert.ok(features.data.every(Number.isFinite));
  });

  it('counts words in any case alike, with length 1 per text', () => {
    const features = blindFeatures({ texts: ['One two', 'TWO one', 'three'] });
    const words = (i: number) => [...features.data.subarray(i * features.shape[1]! + 13, i * features.shape[1]! + 141)];
    assert.deepEqual(words(0), words(1));
    assert.notDeepEqual(words(0), words(2));
    assert.ok(Math.abs(words(0).reduce((sum, value) => sum + value * value, 0) - 1) < 1e-12);
  });
});

describe('runs of characters', () => {
  const grams = (text: string) => {
    const features = blindFeatures({ texts: [text] });
    assert.equal(features.names[141], 'gram0');
    return features.data.subarray(141);
  };

  it('are counted up to five long', () => {
    // ab: a, b, ab, each once: three buckets of log 2 scaled to length 1, unless two share one.
    const found = [...grams('ab')].filter((value) => value > 0);
    assert.equal(found.length, 3);
    for (const value of found) assert.ok(Math.abs(value - 1 / Math.sqrt(3)) < 1e-12);
  });

  it('tell texts of the same words apart', () => {
    assert.notDeepEqual(grams('one two. three'), grams('one, two three'));
    assert.deepEqual([...grams('')], new Array(128).fill(0));
  });
});

describe('blindFeatures', () => {
  it('gives each row the features it has alone: nothing is fitted', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.nat(4)), { minLength: 1, maxLength: 8 }), (samples) => {
        const together = blindFeatures(
          { texts: samples.map(([t]) => t), labels: samples.map(([, y]) => y) },
          { classCount: 5 },
        );
        samples.forEach(([t, y], i) => {
          const alone = blindFeatures({ texts: [t], labels: [y] }, { classCount: 5 });
          assert.deepEqual(row(together, i), row(alone, 0));
        });
      }),
    );
  });

  it('spreads labels over one column each, folding beyond 256', () => {
    const features = blindFeatures({ labels: [2, 0] });
    assert.deepEqual([...features.data], [0, 0, 1, 1, 0, 0]);
    const many = blindFeatures({ labels: [999] }, { classCount: 1000 });
    assert.deepEqual(many.shape, [1, 256]);
    assert.equal(
      many.data.reduce((sum, value) => sum + value, 0),
      1,
    );
  });

  it('has no columns when a sample shows nothing without a model', () => {
    assert.deepEqual(blindFeatures({}).shape, [0, 0]);
  });

  it('gives the target of a regression as one column, after what else a sample shows', () => {
    const inputs = { data: Float32Array.of(1, 2), shape: [2, 1] };
    const features = blindFeatures({ inputs, targets: Float64Array.of(0.5, -3) });
    assert.deepEqual(features.names, ['column0', 'target']);
    assert.deepEqual([...features.data], [1, 0.5, 2, -3]);
    assert.throws(() => blindFeatures({ inputs, targets: [1] }), { code: 'ENG_SHAPE_MISMATCH' });
  });

  it('refuses parts of different length and labels beyond the classes', () => {
    assert.throws(() => blindFeatures({ texts: ['a'], labels: [0, 1] }), { code: 'ENG_SHAPE_MISMATCH' });
    assert.throws(() => blindFeatures({ labels: [3] }, { classCount: 3 }), { code: 'ENG_SHAPE_MISMATCH' });
  });

  it('reads a stored dataset to the same features', async () => {
    const store = new MemoryStore();
    const lines = [
      { t: 'one text', y: 0 },
      { t: 'another 2021', y: 2 },
    ];
    const manifest = { format: 'jsonl', fields: { text: { column: 't' }, label: { column: 'y' } } };
    const inspected = await readFiles(manifest, { x: jsonlBytes(lines) }, { store });
    const got = await datasetBlindFeatures(openDataset(inspected, store, project), { classCount: 4 });
    const expected = blindFeatures({ texts: lines.map(({ t }) => t), labels: [0, 2] }, { classCount: 4 });
    assert.deepEqual(got, expected);
  });

  it('looks at chosen rows only, across ranges', async () => {
    const store = new MemoryStore();
    // 300,000 values a row in float64 terms: three rows a range.
    const columns = 300_000;
    const values = Array.from({ length: 8 * columns }, (_, i) => (i * 7) % 256);
    const bytes = npyBytes({ shape: [8, columns], values }, 'uint8');
    const manifest = { format: 'npy', fields: { input: { file: 'x' } } };
    const inspected = await readFiles(manifest, { x: bytes }, { store });
    const dataset = openDataset(inspected, store, project);
    const all = await datasetBlindFeatures(dataset, { columnCap: 16 });
    const some = await datasetBlindFeatures(dataset, { columnCap: 16, rows: [1, 2, 7] });
    assert.deepEqual(all.shape, [8, 18]);
    for (const [i, chosen] of [1, 2, 7].entries()) assert.deepEqual(row(some, i), row(all, chosen));
    await assert.rejects(datasetBlindFeatures(dataset, { rows: [2, 1] }), { code: 'ENG_SHAPE_MISMATCH' });
    await assert.rejects(datasetBlindFeatures(dataset, { rows: [8] }), { code: 'ENG_SHAPE_MISMATCH' });
  });
});
