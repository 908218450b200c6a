import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDataset } from './open-dataset.js';
import { repeatedRows } from './repeated-rows.js';
import { MemoryStore } from './testing/memory-store.js';
import { project, readFiles } from './testing/read.js';
import { idxBytes, jsonlBytes, npyBytes } from './testing/write-formats.js';

const store = new MemoryStore();
async function opened(manifest: object, bytes: Uint8Array) {
  return openDataset(await readFiles(manifest, { x: bytes }, { store }), store, project);
}
const numbers = (format: 'npy' | 'idx', bytes: Uint8Array) =>
  opened({ format, fields: { input: { file: 'x' } } }, bytes);
const texts = (values: readonly string[]) =>
  opened({ format: 'jsonl', fields: { text: { column: 't' } } }, jsonlBytes(values.map((t) => ({ t }))));

test('names the first row like each, across datasets and number types', async () => {
  const a = await numbers('npy', npyBytes({ shape: [3, 2], values: [1, 2, 3, 4, 1, 2] }, 'float32'));
  const b = await numbers('idx', idxBytes({ shape: [3, 2], values: [3, 4, 5, 6, 5, 6] }, 'uint8'));
  assert.deepEqual([...(await repeatedRows([a, b]))!], [0, 1, 0, 1, 4, 4]);
});

test('compares texts as they are', async () => {
  const found = await repeatedRows([await texts(['one', 'two']), await texts(['two', 'Two', 'one'])]);
  assert.deepEqual([...found!], [0, 1, 1, 3, 0]);
});

test('compares nothing where widths or fields differ', async () => {
  const narrow = await numbers('npy', npyBytes({ shape: [1, 2], values: [1, 2] }, 'float32'));
  const wide = await numbers('npy', npyBytes({ shape: [1, 3], values: [1, 2, 3] }, 'float32'));
  assert.equal(await repeatedRows([narrow, wide]), null);
  assert.equal(await repeatedRows([narrow, await texts(['one'])]), null);
});
