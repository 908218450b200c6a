import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openDataset } from '../open-dataset.js';
import { MemoryStore } from '../testing/memory-store.js';
import { project, readFiles, refused } from '../testing/read.js';
import { idxBytes } from '../testing/write-formats.js';

const manifest = { format: 'idx', fields: { input: { file: 'x' } } };
const place = { pointer: '/fields/input/file' };

describe('idx', () => {
  it('reads every element type', async () => {
    const cases = [
      ['uint8', [0, 255], Uint8Array],
      ['int8', [-128, 127], Int32Array],
      ['int16', [-32_768, 32_767], Int32Array],
      ['int32', [-(2 ** 31), 2 ** 31 - 1], Int32Array],
      ['float32', [-1.5, 3e38], Float32Array],
      ['float64', [0.25, -2], Float32Array],
    ] as const;
    for (const [type, values, kept] of cases) {
      const store = new MemoryStore();
      const inspected = await readFiles(manifest, { x: idxBytes({ shape: [2], values }, type) }, { store });
      const { data } = await openDataset(inspected, store, project).numbers('input');
      assert.ok(data instanceof kept, type);
      assert.deepEqual(
        [...data],
        values.map((value) => (kept === Float32Array ? Math.fround(value) : value)),
      );
    }
  });

  it('refuses other magic numbers, ranks and sizes', async () => {
    const good = idxBytes({ shape: [2], values: [1, 2] }, 'uint8');
    const changed = (at: number, byte: number) => {
      const bytes = new Uint8Array(good);
      bytes[at] = byte;
      return bytes;
    };
    for (const [bytes, message] of [
      [changed(0, 1), /does not begin as IDX/],
      [changed(2, 7), /does not begin as IDX/],
      [changed(3, 0), /rank 0/],
      [changed(3, 9), /rank 9/],
      [changed(7, 1), /9 bytes, and more bytes follow/],
    ] as const)
      await refused(manifest, { x: bytes }, { ...place, code: 'ENG_FILE_UNREADABLE', message });
    await refused(
      manifest,
      { x: changed(7, 3) },
      { ...place, code: 'ENG_FILE_TRUNCATED', message: /11 bytes by its own header, got 10/ },
    );
  });
});
