import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError } from '@engram/domain';
import { parseDatasetManifest } from './manifest.js';
import { openDataset } from './open-dataset.js';
import { readDataset } from './read-dataset.js';
import { MemoryStore } from './testing/memory-store.js';
import { assertOnlyFiles, project, readFiles, refused } from './testing/read.js';
import { type Column, idxBytes, jsonlBytes, npyBytes } from './testing/write-formats.js';

type Field = readonly [Column, Parameters<typeof npyBytes>[1]];

function npyDataset(fields: Readonly<Record<string, Field>>) {
  const files: Record<string, Uint8Array> = {};
  for (const [field, [column, type]] of Object.entries(fields)) files[`${field}.npy`] = npyBytes(column, type);
  const named = Object.fromEntries(Object.keys(fields).map((field) => [field, { file: `${field}.npy` }]));
  return { manifest: { format: 'npy', fields: named }, files };
}

const flat = (...values: number[]): Column => ({ shape: [values.length], values });
const loss: Field = [flat(0.5, 1, 2), 'float64'];

describe('readDataset', () => {
  it('counts rows equal to an earlier one', async () => {
    const values = [1, 2, 3, 4, 1, 2, 3, 4, 1, 2];
    const { manifest, files } = npyDataset({ input: [{ shape: [5, 2], values }, 'float32'] });
    assert.equal((await readFiles(manifest, files)).duplicates, 3);
  });

  it('keeps bytes as bytes and scales them when asked', async () => {
    const bytes = idxBytes({ shape: [2, 2], values: [0, 51, 102, 255] }, 'uint8');
    const store = new MemoryStore();
    const plain = await readFiles({ format: 'idx', fields: { input: { file: 'x' } } }, { x: bytes }, { store });
    const kept = await openDataset(plain, store, project).numbers('input');
    assert.ok(kept.data instanceof Uint8Array);
    const spec = { file: 'x', scale: 1 / 255, offset: -0.5 };
    const scaled = await readFiles({ format: 'idx', fields: { input: spec } }, { x: bytes }, { store });
    const { data } = await openDataset(scaled, store, project).numbers('input');
    assert.ok(data instanceof Float32Array);
    assert.deepEqual(
      [...data],
      [0, 51, 102, 255].map((value) => Math.fround(value / 255 - 0.5)),
    );
  });

  it('keeps outputs in the precision they were given in', async () => {
    const { manifest, files } = npyDataset({
      logits: [{ shape: [1, 2], values: [0.1, 0.2] }, 'float64'],
      loss: [flat(0.5), 'float32'],
    });
    const { fields } = await readFiles(manifest, files);
    assert.equal(fields.logits?.kind === 'numeric' && fields.logits.dtype, 'float64');
    assert.equal(fields.loss?.kind === 'numeric' && fields.loss.dtype, 'float32');
  });

  it('takes labels of shape [n, 1], booleans and whole floats', async () => {
    const { manifest, files } = npyDataset({
      loss,
      label: [{ shape: [3, 1], values: [2, 0, 1] }, 'float64'],
      member: [flat(1, 0, 1), 'bool'],
    });
    const inspected = await readFiles(manifest, files);
    assert.equal(inspected.classCount, 3);
    assert.equal(inspected.members, 2);
    assert.deepEqual(inspected.fields.label?.kind === 'numeric' && inspected.fields.label.rowShape, []);
  });

  it('takes loss traces of two moments or more, without negative losses', async () => {
    const store = new MemoryStore();
    const trace = (values: number[], shape: number[]) =>
      npyDataset({ loss, lossTrace: [{ shape, values }, 'float32'] as const });
    const { manifest, files } = trace([3, 2, 3, 1, 3, 0.5], [3, 2]);
    const inspected = await readFiles(manifest, files, { store });
    assert.deepEqual(inspected.fields.lossTrace?.kind === 'numeric' && inspected.fields.lossTrace.rowShape, [2]);
    const { data } = await openDataset(inspected, store, project).numbers('lossTrace', 1, 2);
    assert.deepEqual([...data], [3, 1]);
    for (const [values, shape, code] of [
      [[3, 2, 1], [3, 1], 'ENG_FIELDS_INCONSISTENT'],
      [[3, 2, 1], [3], 'ENG_FIELDS_INCONSISTENT'],
      [[3, 2, 3, -1, 3, 0], [3, 2], 'ENG_VALUES_INVALID'],
    ] as const) {
      const bad = trace([...values], [...shape]);
      await assert.rejects(
        readFiles(bad.manifest, bad.files),
        (error) => error instanceof EngramError && error.code === code,
      );
    }
  });

  it('takes predictions of a regression with their targets, one finite number a sample', async () => {
    const store = new MemoryStore();
    const predicted = (target: Column) =>
      npyDataset({ prediction: [flat(0.5, -1, 2), 'float32'], target: [target, 'float64'] });
    const { manifest, files } = predicted({ shape: [3, 1], values: [0.1, -2, 1e9] });
    const inspected = await readFiles(manifest, files, { store });
    assert.equal(inspected.classCount, undefined);
    const { data, shape } = await openDataset(inspected, store, project).numbers('target');
    assert.deepEqual([[...data], shape], [[0.1, -2, 1e9], [3]]);
    for (const [target, code] of [
      [flat(1, Number.NaN, Number.POSITIVE_INFINITY), 'ENG_VALUES_NOT_FINITE'],
      [{ shape: [3, 2], values: [1, 2, 3, 4, 5, 6] }, 'ENG_FIELDS_INCONSISTENT'],
      [flat(1, 2), 'ENG_FIELDS_INCONSISTENT'],
    ] as const) {
      const bad = predicted(target);
      await assert.rejects(
        readFiles(bad.manifest, bad.files),
        (error) => error instanceof EngramError && error.code === code,
        code,
      );
    }
  });

  it('reports progress up to the size of all files', async () => {
    const store = new MemoryStore();
    const bytes = npyBytes(flat(1, 2, 3), 'float32');
    const seen: number[] = [];
    await readDataset({
      manifest: parseDatasetManifest({ name: 't', format: 'npy', fields: { input: { file: 'x' } } }),
      files: new Map([['x', await store.put(project, bytes)]]),
      store,
      project,
      onProgress: ({ doneBytes, totalBytes }) => {
        assert.equal(totalBytes, bytes.length);
        seen.push(doneBytes);
      },
    });
    assert.equal(seen.at(-1), bytes.length);
  });

  it('leaves alone what was in the store before a refused reading', async () => {
    const { manifest, files } = npyDataset({ loss: [flat(1, 2, 3), 'float64'], label: [flat(0, 1, 0), 'int32'] });
    const store = new MemoryStore();
    const accepted = await readFiles(manifest, files, { store });
    const before = new Map(store.artifacts);
    const more = npyDataset({ loss: [flat(1, 2, 3), 'float64'], label: [flat(0, 1), 'int32'] });
    await assert.rejects(readFiles(more.manifest, more.files, { store }), { code: 'ENG_FIELDS_INCONSISTENT' });
    for (const [key, bytes] of before) assert.deepEqual(store.artifacts.get(key), bytes);
    await openDataset(accepted, store, project).numbers('label');
  });

  it('leaves nothing behind when the store fails midway', async () => {
    const wide: Column = { shape: [100, 100], values: Array.from({ length: 10_000 }, (_, i) => i) };
    const { manifest, files } = npyDataset({
      loss: [{ shape: [100], values: Array(100).fill(1) }, 'float64'],
      input: [wide, 'float32'],
    });
    const store = new MemoryStore();
    const stored = new Map();
    for (const [path, bytes] of Object.entries(files)) stored.set(path, await store.put(project, bytes));
    store.failPutBeyond = 20_000;
    const request = { manifest: parseDatasetManifest({ name: 't', ...manifest }), files: stored, store, project };
    await assert.rejects(readDataset(request), { code: 'ENG_STORE_UNAVAILABLE' });
    assertOnlyFiles(store, files);
  });

  it('stops at the abort signal with its reason, leaving nothing behind', async () => {
    const { manifest, files } = npyDataset({ loss });
    const store = new MemoryStore();
    const stored = new Map();
    for (const [path, bytes] of Object.entries(files)) stored.set(path, await store.put(project, bytes));
    const reason = new EngramError('ENG_AUDIT_CANCELLED', 'stopped');
    await assert.rejects(
      readDataset({
        manifest: parseDatasetManifest({ name: 't', ...manifest }),
        files: stored,
        store,
        project,
        signal: AbortSignal.abort(reason),
      }),
      reason,
    );
    assertOnlyFiles(store, files);
  });
});

describe('a dataset is refused', () => {
  const refuse = async (
    fields: Readonly<Record<string, Field>>,
    code: Parameters<typeof refused>[2]['code'],
    field: string,
    message: RegExp,
  ): Promise<void> => {
    await refusal(fields, code, field, message);
  };
  const refusal = async (
    fields: Readonly<Record<string, Field>>,
    code: Parameters<typeof refused>[2]['code'],
    field: string,
    message: RegExp,
  ) => {
    const { manifest, files } = npyDataset(fields);
    return await refused(manifest, files, { code, pointer: `/fields/${field}/file`, message });
  };

  it('for values that are not finite, with how many and the first row', async () => {
    const values = [0, 1, Number.NaN, 3, Number.POSITIVE_INFINITY, 5];
    const error = await refusal(
      { input: [{ shape: [3, 2], values }, 'float32'] },
      'ENG_VALUES_NOT_FINITE',
      'input',
      /input has values that are NaN, infinite or missing: 2 in all, the first in row 1/,
    );
    assert.deepEqual(error.details, { count: 2, firstRow: 1 });
  });

  it('for finite float64 inputs that overflow float32', () =>
    refuse({ input: [flat(1, 1e300), 'float64'] }, 'ENG_VALUES_NOT_FINITE', 'input', /missing: 1 in all/));

  it('for fields of different length, with both counts', () =>
    refuse(
      { loss, label: [flat(0, 1), 'int32'] },
      'ENG_FIELDS_INCONSISTENT',
      'loss',
      /loss has 3 samples, label has 2/,
    ));

  it('for the one field of another length than all others', () =>
    refuse(
      { loss, label: [flat(0, 1), 'int32'], scaledConfidence: [flat(1, 2, 3), 'float32'] },
      'ENG_FIELDS_INCONSISTENT',
      'label',
      /^label has 2 samples, loss has 3/,
    ));

  it('for labels that are not integers, negative or beyond the outputs', async () => {
    await refuse(
      { loss, label: [flat(0, 1.5, 2), 'float32'] },
      'ENG_LABEL_OUT_OF_RANGE',
      'label',
      /not integers: 1 in all, the first in row 1/,
    );
    await refuse(
      { loss, label: [flat(0, -1, -2), 'int64'] },
      'ENG_LABEL_OUT_OF_RANGE',
      'label',
      /negative values: 2 in all/,
    );
    await refuse(
      { loss, label: [flat(0, 2 ** 40, 2), 'int64'] },
      'ENG_LABEL_OUT_OF_RANGE',
      'label',
      /above 2147483647/,
    );
    const logits: Field = [{ shape: [3, 2], values: [1, 2, 3, 4, 5, 6] }, 'float32'];
    await refuse(
      { logits, label: [flat(0, 1, 2), 'int32'] },
      'ENG_LABEL_OUT_OF_RANGE',
      'label',
      /up to 2, logits has 2 classes/,
    );
    const single: Field = [{ shape: [3, 1], values: [1, 2, 3] }, 'float32'];
    await refuse({ logits: single, label: [flat(0, 1, 2), 'int32'] }, 'ENG_LABEL_OUT_OF_RANGE', 'label', /2 classes/);
  });

  it('for one-hot labels', () =>
    refuse(
      { loss, label: [{ shape: [3, 2], values: [1, 0, 0, 1, 1, 0] }, 'int32'] },
      'ENG_FIELDS_INCONSISTENT',
      'label',
      /got rows of shape \[2\]/,
    ));

  it('for membership that is neither 0 nor 1, or of one kind only', async () => {
    await refuse(
      { loss, member: [flat(0, 2, 1), 'uint8'] },
      'ENG_VALUES_INVALID',
      'member',
      /neither 0 nor 1: 1 in all, the first in row 1/,
    );
    await refuse(
      { loss, member: [flat(1, 1, 1), 'uint8'] },
      'ENG_ONE_CLASS_ONLY',
      'member',
      /3 members and 0 non-members/,
    );
    await refuse({ loss, member: [flat(0, 0, 0), 'uint8'] }, 'ENG_ONE_CLASS_ONLY', 'member', /0 members and 3/);
  });

  it('for probabilities outside [0, 1] or rows that do not sum to 1', async () => {
    await refuse(
      { probabilities: [{ shape: [2, 2], values: [1.5, -0.5, 0.5, 0.5] }, 'float32'] },
      'ENG_VALUES_INVALID',
      'probabilities',
      /outside \[0, 1\]: 2/,
    );
    await refuse(
      { probabilities: [{ shape: [2, 2], values: [0.5, 0.5, 0.5, 0.498] }, 'float64'] },
      'ENG_VALUES_INVALID',
      'probabilities',
      /do not sum to 1 within 0.001: 1 in all, the first in row 1/,
    );
    const { manifest, files } = npyDataset({
      probabilities: [{ shape: [2, 2], values: [0.5, 0.4995, 1.0000001, 0] }, 'float64'],
    });
    assert.equal((await readFiles(manifest, files)).count, 2);
  });

  it('for negative losses', () =>
    refuse(
      { loss: [flat(1, -0.5, -1), 'float32'] },
      'ENG_VALUES_INVALID',
      'loss',
      /negative values: 2 in all, the first in row 1/,
    ));

  it('for reference fields that disagree in models, samples or classes', async () => {
    const models: Field = [{ shape: [2, 3], values: [1, 0, 1, 0, 1, 0] }, 'uint8'];
    await refuse(
      { loss, referenceMember: models, referenceLoss: [{ shape: [3, 3], values: Array(9).fill(1) }, 'float32'] },
      'ENG_FIELDS_INCONSISTENT',
      'referenceMember',
      /referenceMember has 2 reference models, referenceLoss has 3/,
    );
    await refuse(
      { loss, referenceMember: [{ shape: [3, 2], values: Array(6).fill(1) }, 'uint8'] },
      'ENG_FIELDS_INCONSISTENT',
      'referenceMember',
      /has 2 samples, loss has 3/,
    );
    await refuse(
      { loss, referenceMember: [flat(0, 1, 0), 'uint8'] },
      'ENG_FIELDS_INCONSISTENT',
      'referenceMember',
      /two axes or more/,
    );
    await refuse(
      { loss, referenceLoss: [{ shape: [1, 3], values: [1, Number.NaN, 1] }, 'float64'] },
      'ENG_VALUES_NOT_FINITE',
      'referenceLoss',
      /sample 1 of reference model 0/,
    );
    await refuse(
      {
        logits: [{ shape: [1, 3], values: [1, 2, 3] }, 'float32'],
        referenceLogits: [{ shape: [2, 1, 4], values: Array(8).fill(1) }, 'float32'],
      },
      'ENG_FIELDS_INCONSISTENT',
      'referenceLogits',
      /has 4 classes, logits has 3/,
    );
  });

  it('with every fault at once', async () => {
    const { manifest, files } = npyDataset({
      loss: [flat(Number.NaN, 1, 2), 'float32'],
      member: [flat(1, 1, 1), 'uint8'],
      label: [flat(0, -1, 0), 'int32'],
    });
    const error = await refused(manifest, files, {
      code: 'ENG_LABEL_OUT_OF_RANGE',
      pointer: '/fields/label/file',
      message: /and 2 more/,
    });
    assert.deepEqual(
      error.faults.map(({ pointer }) => pointer),
      ['/fields/label/file', '/fields/loss/file', '/fields/member/file'],
    );
  });

  it('for a file that was not sent, naming those that were', async () => {
    await refused(
      { format: 'npy', fields: { input: { file: 'x.npy' } } },
      { 'y.npy': numpyBytes },
      {
        code: 'ENG_MANIFEST_INVALID',
        pointer: '/fields/input/file',
        message: /"x.npy", which was not sent; sent were "y.npy"/,
      },
    );
  });

  it('when no file is named and there are several', async () => {
    await refused(
      { format: 'jsonl', fields: { input: { column: 'x' } } },
      { a: jsonlBytes([{ x: 1 }]), b: jsonlBytes([{ x: 2 }]) },
      { code: 'ENG_MANIFEST_INVALID', pointer: '/fields/input', message: /2 were sent/ },
    );
  });

  it('for ids that occur twice', async () => {
    await refused(
      { format: 'jsonl', fields: { text: { column: 't' }, id: { column: 'i' } } },
      {
        a: jsonlBytes([
          { t: 'a', i: 1 },
          { t: 'b', i: 2 },
          { t: 'c', i: 1 },
        ]),
      },
      {
        code: 'ENG_VALUES_INVALID',
        pointer: '/fields/id/column',
        message: /occur before: 1 in all, the first in row 2/,
      },
    );
  });
});

const numpyBytes = npyBytes(flat(1), 'float32');
