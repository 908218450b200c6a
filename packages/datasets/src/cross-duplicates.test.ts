import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crossDuplicates } from './cross-duplicates.js';
import { openDataset } from './open-dataset.js';
import { Shingles } from './shingles.js';
import { MemoryStore } from './testing/memory-store.js';
import { project, readFiles } from './testing/read.js';
import { idxBytes, jsonlBytes, npyBytes } from './testing/write-formats.js';

const store = new MemoryStore();
async function texts(values: readonly string[]) {
  const manifest = { format: 'jsonl', fields: { text: { column: 't' } } };
  return openDataset(
    await readFiles(manifest, { x: jsonlBytes(values.map((t) => ({ t }))) }, { store }),
    store,
    project,
  );
}
async function numbers(format: 'npy' | 'idx', bytes: Uint8Array) {
  return openDataset(
    await readFiles({ format, fields: { input: { file: 'x' } } }, { x: bytes }, { store }),
    store,
    project,
  );
}

const words = (from: number, count: number) => Array.from({ length: count }, (_, i) => `word${from + i}`).join(' ');

describe('crossDuplicates', () => {
  it('counts rows of the second that are in the first, also across number types', async () => {
    const a = await numbers('npy', npyBytes({ shape: [3, 2], values: [1, 2, 3, 4, 5, 6] }, 'float32'));
    const b = await numbers('idx', idxBytes({ shape: [4, 2], values: [3, 4, 1, 2, 1, 2, 2, 1] }, 'uint8'));
    assert.deepEqual(await crossDuplicates(a, b), { exact: 3 });
    assert.deepEqual(await crossDuplicates(b, a), { exact: 2 });
  });

  it('finds no row of another width', async () => {
    const a = await numbers('npy', npyBytes({ shape: [1, 2], values: [1, 2] }, 'float32'));
    const b = await numbers('npy', npyBytes({ shape: [1, 3], values: [1, 2, 3] }, 'float32'));
    assert.deepEqual(await crossDuplicates(a, b), { exact: 0 });
  });

  it('counts texts most of whose 13-word runs are in the first', async () => {
    const original = words(0, 100);
    const a = await texts([original, 'A short one']);
    // 100 words are 88 runs. Cut to 60 words: 48 of 48 runs found. Ten words changed in a block at the end: 78 of 88.
    // Changed in the middle: 10 + 12 runs are lost, 66 of 88 = 0.75 are found.
    const cut = words(0, 60).toUpperCase();
    const changedEnd = `${words(0, 90)} ${words(500, 10)}`;
    const changedMiddle = `${words(0, 40)} ${words(500, 10)} ${words(50, 50)}`;
    const b = await texts([original, cut, changedEnd, changedMiddle, 'a short ONE', 'another short one', '']);
    assert.deepEqual(await crossDuplicates(a, b), {
      exact: 1,
      near: { count: 4, judged: 6, threshold: 0.8, sampled: 1 },
    });
  });

  it('refuses to compare inputs with texts', async () => {
    const a = await numbers('npy', npyBytes({ shape: [1], values: [1] }, 'float32'));
    await assert.rejects(crossDuplicates(a, await texts(['x'])), { code: 'ENG_SHAPE_MISMATCH' });
  });
});

describe('Shingles', () => {
  it('keeps shares of runs found right when it keeps a part of the runs only', () => {
    const shingles = new Shingles(2000);
    shingles.add(words(0, 20_012).split(' '));
    assert.ok(shingles.sampled <= 0.1 && shingles.sampled > 0.04, String(shingles.sampled));
    // 10,000 runs of which 7,000 are in the set; about 625 of them are judged: s.e. 0.018, tolerance 4 of them.
    const share = shingles.contained(words(13_000, 10_012).split(' '));
    assert.ok(share !== undefined && Math.abs(share - 0.7) < 0.074, String(share));
  });
});
