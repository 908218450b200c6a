import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { EngramError } from '@engram/domain';
import fc from 'fast-check';
import { MemoryStore } from './testing/memory-store.js';
import { assertOnlyFiles, readFiles } from './testing/read.js';
import { csvBytes, idxBytes, jsonlBytes, npyBytes, npyStrings, zipBytes } from './testing/write-formats.js';

const column = { shape: [12, 3], values: Array.from({ length: 36 }, (_, i) => i / 4) };
const lines = Array.from({ length: 12 }, (_, i) => ({ x: i / 4, t: `row ${i}` }));
const npy = npyBytes(column, 'float32');
const npyManifest = { format: 'npy', fields: { input: { file: 'x' } } };
const npzManifest = { format: 'npz', fields: { input: { array: 'x' } } };
const rowFields = { input: { column: 'x' }, text: { column: 't' } };

/** Whole files, and whether a part of one may be whole too: rows can end anywhere. */
const whole: Readonly<Record<string, { manifest: object; bytes: Uint8Array; partsMayPass?: boolean }>> = {
  npy: { manifest: npyManifest, bytes: npy },
  'npy in Fortran order': { manifest: npyManifest, bytes: npyBytes(column, 'float32', { fortran: true }) },
  'npy of strings': { manifest: { format: 'npy', fields: { text: { file: 'x' } } }, bytes: npyStrings(['a', 'bc']) },
  'gzipped npy': { manifest: npyManifest, bytes: gzipSync(npy) },
  'stored npz': { manifest: npzManifest, bytes: zipBytes([{ name: 'x.npy', bytes: npy }], false) },
  'deflated npz': { manifest: npzManifest, bytes: zipBytes([{ name: 'x.npy', bytes: npy }], true) },
  idx: { manifest: { format: 'idx', fields: { input: { file: 'x' } } }, bytes: idxBytes(column, 'float64') },
  'gzipped idx': {
    manifest: { format: 'idx', fields: { input: { file: 'x' } } },
    bytes: gzipSync(idxBytes(column, 'uint8')),
  },
  csv: {
    manifest: { format: 'csv', fields: rowFields },
    bytes: csvBytes({ x: lines.map(({ x }) => x), t: lines.map(({ t }) => t) }),
    partsMayPass: true,
  },
  'gzipped csv': {
    manifest: { format: 'csv', fields: rowFields },
    bytes: gzipSync(csvBytes({ x: lines.map(({ x }) => x), t: lines.map(({ t }) => t) })),
  },
  jsonl: { manifest: { format: 'jsonl', fields: rowFields }, bytes: jsonlBytes(lines), partsMayPass: true },
  'gzipped jsonl': { manifest: { format: 'jsonl', fields: rowFields }, bytes: gzipSync(jsonlBytes(lines)) },
};

async function readPart(manifest: object, bytes: Uint8Array, chunkBytes: number) {
  const store = new MemoryStore();
  store.chunkBytes = chunkBytes;
  const files = { x: bytes };
  return await readFiles(manifest, files, { store }).then(
    (inspected) => inspected,
    (error: unknown) => {
      assert.ok(error instanceof EngramError, String(error));
      assert.notEqual(error.code, 'ENG_INTERNAL', error.stack);
      assert.match(error.faults[0]?.pointer ?? '', /^\/fields\//);
      assertOnlyFiles(store, files);
      return error;
    },
  );
}

describe('a file cut off at any byte', () => {
  for (const [name, { manifest, bytes, partsMayPass = false }] of Object.entries(whole))
    it(`is refused with a fault, or read up to a row: ${name}`, async () => {
      assert.ok(!((await readPart(manifest, bytes, 64)) instanceof Error));
      for (let length = 0; length < bytes.length; length++) {
        const outcome = await readPart(manifest, bytes.subarray(0, length), 64);
        if (outcome instanceof EngramError) continue;
        assert.ok(partsMayPass, `accepted ${length} of ${bytes.length} bytes`);
        assert.ok(outcome.count <= 12);
      }
    });
});

describe('a file with changed bytes', () => {
  for (const [name, { manifest, bytes }] of Object.entries(whole))
    it(`is read or refused with a fault, never anything else: ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
          async (changes) => {
            const changed = new Uint8Array(bytes);
            for (const [at, byte] of changes) changed[at] = byte;
            await readPart(manifest, changed, 50);
          },
        ),
        { numRuns: 150 },
      );
    });
});

describe('bytes of any kind', () => {
  it('are refused with a fault by every format', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 0, maxLength: 200 }), async (bytes) => {
        for (const { manifest } of Object.values(whole)) await readPart(manifest, bytes, 33);
      }),
      { numRuns: 100 },
    );
  });
});
