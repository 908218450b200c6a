import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openDataset } from './open-dataset.js';
import { MemoryStore } from './testing/memory-store.js';
import { project, readFiles } from './testing/read.js';
import { jsonlBytes, npyBytes } from './testing/write-formats.js';

const lines = [
  { x: [1, 2], t: 'ä' },
  { x: [3, 4], t: 'bcd' },
  { x: [5, 6], t: '' },
];

async function open() {
  const store = new MemoryStore();
  const fields = { input: { column: 'x' }, text: { column: 't' } };
  const inspected = await readFiles({ format: 'jsonl', fields }, { 'x.jsonl': jsonlBytes(lines) }, { store });
  return openDataset(inspected, store, project);
}

describe('openDataset', () => {
  it('says which fields there are, and numbers samples without ids', async () => {
    const dataset = await open();
    assert.equal(dataset.has('input'), true);
    assert.equal(dataset.has('label'), false);
    assert.deepEqual(await dataset.ids(), ['0', '1', '2']);
  });

  it('gives any range, also none', async () => {
    const dataset = await open();
    for (let start = 0; start <= 3; start++)
      for (let end = start; end <= 3; end++) {
        const part = lines.slice(start, end);
        const { data, shape } = await dataset.numbers('input', start, end);
        assert.deepEqual(
          [...data],
          part.flatMap(({ x }) => x),
        );
        assert.deepEqual(shape, [end - start, 2]);
        assert.deepEqual(
          await dataset.texts('text', start, end),
          part.map(({ t }) => t),
        );
      }
  });

  it('refuses ranges outside, fields that are not there, and fields of the other kind', async () => {
    const dataset = await open();
    await assert.rejects(dataset.numbers('input', 2, 4), {
      code: 'ENG_SHAPE_MISMATCH',
      message: /rows 2 to 4 of input, which has 3/,
    });
    await assert.rejects(dataset.numbers('input', -1), { code: 'ENG_SHAPE_MISMATCH' });
    await assert.rejects(dataset.numbers('label'), { code: 'ENG_SHAPE_MISMATCH', message: /only input, text/ });
    await assert.rejects(dataset.numbers('text'), { code: 'ENG_SHAPE_MISMATCH', message: /a text one/ });
  });

  it('takes bytes from the middle of a larger buffer, as a store may give them', async () => {
    const store = new MemoryStore();
    const manifest = { format: 'npy', fields: { loss: { file: 'x' } } };
    const inspected = await readFiles(
      manifest,
      { x: npyBytes({ shape: [2], values: [1.5, 2.5] }, 'float64') },
      { store },
    );
    const open = store.open.bind(store);
    store.open = async (...place) => {
      const access = await open(...place);
      const read = async (offset: number, length: number) =>
        Buffer.concat([Buffer.alloc(3), await access.read(offset, length)]).subarray(3);
      return { ...access, read };
    };
    assert.deepEqual([...(await openDataset(inspected, store, project).numbers('loss')).data], [1.5, 2.5]);
  });
});
