import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type DatasetFormat, readers } from './catalog.js';
import { openDataset } from './open-dataset.js';
import { MemoryStore } from './testing/memory-store.js';
import { project, readFiles } from './testing/read.js';
import {
  type Column,
  csvBytes,
  idxBytes,
  jsonlBytes,
  nested,
  npyBytes,
  npyStrings,
  zipBytes,
} from './testing/write-formats.js';

const rows = 7;
const models = 3;

function column(shape: readonly number[], value: (i: number) => number): Column {
  return { shape, values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)) };
}

/** Every numeric field there is. Reference fields are models × samples × …. */
const numeric = {
  input: column([rows, 4], (i) => Math.fround(Math.sin(i))),
  label: column([rows], (i) => i % 3),
  target: column([rows], (i) => i / 5 - 2),
  member: column([rows], (i) => i % 2),
  repetitions: column([rows], (i) => 10 * i),
  logits: column([rows, 3], (i) => Math.cos(i) * 3),
  probabilities: column([rows, 4], (i) => [0.125, 0.375, 0.25, 0.25][i % 4]!),
  prediction: column([rows], (i) => i / 6 - 2),
  loss: column([rows], (i) => i / 3),
  scaledConfidence: column([rows], (i) => 1 - i / 7),
  lossTrace: column([rows, 5], (i) => i / 11),
  referenceLogits: column([models, rows, 3], (i) => Math.sin(i) * 2),
  referenceProbabilities: column([models, rows, 4], (i) => [0.5, 0.375, 0.125, 0][i % 4]!),
  referencePrediction: column([models, rows], (i) => 1 - i / 9),
  referenceLoss: column([models, rows], (i) => i / 8),
  referenceScaledConfidence: column([models, rows], (i) => i / 16 - 1),
  referenceMember: column([models, rows], (i) => i % 2),
};
type NumericField = keyof typeof numeric;
const numericFields = Object.keys(numeric) as NumericField[];
const typeOf = (field: NumericField) =>
  field === 'input' ? 'float32' : /label|ember|repetitions/.test(field) ? 'int32' : 'float64';

/** Samples first, as row formats have them. */
function samplesFirst(field: NumericField): Column {
  const { shape, values } = numeric[field];
  if (!field.startsWith('reference')) return { shape, values };
  const unit = values.length / (models * rows);
  const turned = Array.from({ length: values.length }, (_, i) => {
    const sample = Math.floor(i / (models * unit));
    const model = Math.floor(i / unit) % models;
    return values[(model * rows + sample) * unit + (i % unit)]!;
  });
  return { shape: [rows, models, ...shape.slice(2)], values: turned };
}

type Files = Record<string, Uint8Array>;
interface Written {
  readonly manifest: object;
  readonly files: Files;
}

/** The same numbers in each format. */
const written: Readonly<Record<DatasetFormat, () => Written>> = {
  npy: () => ({
    manifest: { format: 'npy', fields: Object.fromEntries(numericFields.map((f) => [f, { file: `${f}.npy` }])) },
    files: Object.fromEntries(numericFields.map((f) => [`${f}.npy`, npyBytes(numeric[f], typeOf(f))])),
  }),
  npz: () => ({
    manifest: { format: 'npz', fields: Object.fromEntries(numericFields.map((f) => [f, { array: f }])) },
    files: {
      'all.npz': zipBytes(
        numericFields.map((f) => ({ name: `${f}.npy`, bytes: npyBytes(numeric[f], typeOf(f)) })),
        true,
      ),
    },
  }),
  idx: () => ({
    manifest: { format: 'idx', fields: Object.fromEntries(numericFields.map((f) => [f, { file: f }])) },
    files: Object.fromEntries(numericFields.map((f) => [f, idxBytes(numeric[f], typeOf(f))])),
  }),
  csv: () => {
    const columns: Record<string, number[]> = {};
    const fields: Record<string, object> = {};
    for (const field of numericFields) {
      // A table cannot hold one number per class and model.
      if (field === 'referenceLogits' || field === 'referenceProbabilities') continue;
      const { shape, values } = samplesFirst(field);
      const width = values.length / rows;
      const names = Array.from({ length: width }, (_, j) => `${field}${j}`);
      names.forEach((name, j) => {
        columns[name] = Array.from({ length: rows }, (_, row) => values[row * width + j]!);
      });
      fields[field] = shape.length === 1 ? { column: names[0] } : { file: 'all.csv', columns: names };
    }
    return { manifest: { format: 'csv', fields }, files: { 'all.csv': csvBytes(columns) } };
  },
  jsonl: () => {
    const lists = numericFields.map((field) => [field, nested(samplesFirst(field))] as const);
    const lines = Array.from({ length: rows }, (_, row) =>
      Object.fromEntries(lists.map(([field, list]) => [field, list[row]])),
    );
    return {
      manifest: { format: 'jsonl', fields: Object.fromEntries(numericFields.map((f) => [f, { column: f }])) },
      files: { 'all.jsonl': jsonlBytes(lines) },
    };
  },
};

const tableFields = numericFields.filter((f) => f !== 'referenceLogits' && f !== 'referenceProbabilities');

const formats = Object.keys(readers) as DatasetFormat[];

describe('every reader', () => {
  for (const format of formats)
    for (const chunkBytes of [1, 13, 65_536])
      it(`reads the same columns from ${format} in chunks of ${chunkBytes} bytes`, async () => {
        const expected = await readFiles(written.npy().manifest, written.npy().files);
        const { manifest, files } = written[format]();
        const store = new MemoryStore();
        store.chunkBytes = chunkBytes;
        const got = await readFiles(manifest, files, { store });
        const compared = format === 'csv' ? tableFields : numericFields;
        for (const field of compared) assert.deepEqual(got.fields[field], expected.fields[field], field);
        const { digest: _, fields: __, ...counts } = got;
        assert.deepEqual(counts, {
          count: rows,
          duplicates: 0,
          classCount: 3,
          members: 3,
          nonMembers: 4,
          referenceModels: models,
          // Members are the rows of odd number, on which the first and the last model were trained; the others the second.
          inclusion: { members: [0, 0, 3, 0], nonMembers: [0, 4, 0, 0] },
        });
        if (format !== 'csv') assert.equal(got.digest, expected.digest);
      });

  for (const format of formats)
    it(`gives back the values of ${format} by range`, async () => {
      const { manifest, files } = written[format]();
      const store = new MemoryStore();
      const dataset = openDataset(await readFiles(manifest, files, { store }), store, project);
      const { data, shape } = await dataset.numbers('input', 2, 5);
      assert.deepEqual(shape, [3, 4]);
      assert.deepEqual([...data], numeric.input.values.slice(8, 20));
      const references = await dataset.numbers('referenceLoss', 1, 2);
      assert.deepEqual(references.shape, [1, rows]);
      assert.deepEqual([...references.data], numeric.referenceLoss.values.slice(rows, 2 * rows));
    });

  for (const format of ['npy', 'idx', 'csv', 'jsonl'] as const)
    it(`reads gzipped ${format} as the plain files`, async () => {
      const { manifest, files } = written[format]();
      const packed = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, gzipSync(bytes)]));
      const expected = await readFiles(manifest, files);
      assert.deepEqual(await readFiles(manifest, packed), expected);
    });

  it('gives one digest for columns of one content, whatever the order of the fields', async () => {
    const { manifest, files } = written.npy();
    const { fields } = manifest as { fields: Record<string, object> };
    const turned = { format: 'npy', fields: Object.fromEntries(Object.entries(fields).reverse()) };
    assert.equal((await readFiles(turned, files)).digest, (await readFiles(manifest, files)).digest);
  });
});

const texts = ['plain', '', 'häßlich, "quoted"', 'two\nlines', '漢字 🎉', 'plain', 'last'];
const ids = ['a', 'b', 'c', 'd', 'e', 'f', '9007199254740993'];

describe('every reader of texts', () => {
  const forms: Readonly<Record<string, () => Written>> = {
    npy: () => ({
      manifest: { format: 'npy', fields: { text: { file: 't.npy' }, id: { file: 'i.npy' } } },
      files: { 't.npy': npyStrings(texts), 'i.npy': npyStrings(ids) },
    }),
    csv: () => ({
      manifest: { format: 'csv', fields: { text: { column: 't' }, id: { column: 'i' } } },
      files: { 'all.csv': csvBytes({ i: ids, t: texts }) },
    }),
    jsonl: () => ({
      manifest: { format: 'jsonl', fields: { text: { column: 't' }, id: { column: 'i' } } },
      files: { 'all.jsonl': jsonlBytes(texts.map((t, row) => ({ t, i: ids[row] }))) },
    }),
  };
  for (const [format, write] of Object.entries(forms))
    for (const chunkBytes of [1, 65_536])
      it(`reads the same texts and ids from ${format} in chunks of ${chunkBytes} bytes`, async () => {
        const { manifest, files } = write();
        const store = new MemoryStore();
        store.chunkBytes = chunkBytes;
        const inspected = await readFiles(manifest, files, { store });
        const dataset = openDataset(inspected, store, project);
        assert.deepEqual(await dataset.texts('text'), texts);
        assert.deepEqual(await dataset.texts('text', 2, 5), texts.slice(2, 5));
        assert.deepEqual(await dataset.ids(), ids);
        assert.equal(inspected.duplicates, 1);
        const reference = forms.jsonl!();
        assert.equal(inspected.digest, (await readFiles(reference.manifest, reference.files)).digest);
      });
});
