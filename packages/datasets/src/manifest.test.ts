import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EngramError } from '@engram/domain';
import { z } from 'zod';
import { datasetManifest, parseDatasetManifest } from './manifest.js';

function faultsOf(value: unknown) {
  try {
    parseDatasetManifest(value);
  } catch (error) {
    assert.ok(error instanceof EngramError);
    assert.equal(error.code, 'ENG_MANIFEST_INVALID');
    return error.faults.map(({ pointer }) => pointer);
  }
  return [];
}

const base = { name: 'n', format: 'npy' };

describe('parseDatasetManifest', () => {
  it('takes each format with its own ways to name a field', () => {
    const fields: Record<string, object> = {
      npy: { file: 'x.npy' },
      npz: { array: 'x' },
      idx: { file: 'x' },
      csv: { columns: ['a', 'b'] },
      jsonl: { file: 'x.jsonl', column: 'a' },
    };
    for (const [format, spec] of Object.entries(fields))
      assert.deepEqual(faultsOf({ name: 'n', format, fields: { input: spec } }), [], format);
  });

  it('takes a scale for inputs only', () => {
    const spec = { file: 'x', scale: 1 / 255, offset: 0 };
    assert.deepEqual(faultsOf({ ...base, fields: { input: spec } }), []);
    assert.deepEqual(faultsOf({ ...base, fields: { input: { file: 'x' }, label: spec } }), ['/fields/label']);
    const columns = { columns: ['a'], scale: 2 };
    assert.deepEqual(faultsOf({ name: 'n', format: 'csv', fields: { input: columns } }), []);
    assert.deepEqual(faultsOf({ name: 'n', format: 'csv', fields: { input: { scale: 2 } } }), ['/fields/input']);
  });

  it('refuses unknown keys, fields and formats at their place', () => {
    assert.deepEqual(faultsOf({ ...base, fields: { input: { file: 'x' } }, more: 1 }), ['']);
    assert.deepEqual(faultsOf({ ...base, fields: { input: { file: 'x' }, colour: { file: 'x' } } }), ['/fields']);
    assert.deepEqual(faultsOf({ name: 'n', format: 'pickle', fields: {} }), ['/format']);
    assert.deepEqual(faultsOf({ ...base, fields: { input: { column: 'x' } } })[0]?.startsWith('/fields/input'), true);
    assert.deepEqual(faultsOf(7), ['']);
  });

  it('refuses column and columns together, and neither', () => {
    for (const spec of [{ column: 'a', columns: ['a'] }, { file: 'x' }])
      assert.deepEqual(faultsOf({ name: 'n', format: 'jsonl', fields: { input: spec } }), ['/fields/input']);
  });

  it('refuses paths that leave their folder', () => {
    assert.deepEqual(faultsOf({ ...base, fields: { input: { file: '../x' } } }), ['/fields/input/file']);
  });

  it('refuses a dataset without samples', () => {
    assert.deepEqual(faultsOf({ ...base, fields: { label: { file: 'y' } } }), ['/fields']);
  });

  it('can be written as JSON Schema', () => {
    const schema = z.toJSONSchema(datasetManifest);
    assert.equal(schema.oneOf?.length ?? schema.anyOf?.length, 5);
  });
});
