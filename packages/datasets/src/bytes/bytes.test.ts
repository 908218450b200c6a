import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { defaultReadLimits } from '../limits.js';
import { MemoryStore } from '../testing/memory-store.js';
import { project, readFiles, refused } from '../testing/read.js';
import { idxBytes, npyBytes, zipBytes } from '../testing/write-formats.js';
import { ByteCursor } from './byte-cursor.js';
import { lineBlocks } from './line-blocks.js';
import { Rendezvous } from './rendezvous.js';
import { StagedArtifact } from './staged-artifact.js';

async function* pieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });

describe('gzip and zip bombs', () => {
  const zeros = { shape: [2_000_000], values: [] };
  const idx = Buffer.concat([idxBytes({ ...zeros, values: [] }, 'uint8'), Buffer.alloc(2_000_000)]);
  const limits = { ...defaultReadLimits, ratio: 100, ratioFloorBytes: 100_000 };
  const manifest = { format: 'idx', fields: { input: { file: 'x' } } };

  it('are refused when they unpack to many times their size', async () => {
    const bomb = { code: 'ENG_ARCHIVE_UNSAFE', pointer: '/fields/input/file', message: /more than 100 times/ } as const;
    await refused(manifest, { x: gzipSync(idx) }, bomb, limits);
    const npy = npyBytes({ shape: [200_000], values: Array(200_000).fill(0) }, 'float64');
    const npz = { format: 'npz', fields: { input: { file: 'x', array: 'x' } } };
    const files = { x: zipBytes([{ name: 'x.npy', bytes: npy }], true) };
    await refused(npz, files, { ...bomb }, limits);
  });

  it('are refused when they unpack to more than a limit, whatever the ratio', async () => {
    await refused(
      manifest,
      { x: gzipSync(idx) },
      { code: 'ENG_ARCHIVE_UNSAFE', pointer: '/fields/input/file', message: /more than the 1000000 bytes/ },
      { ...defaultReadLimits, unpackedBytes: 1_000_000 },
    );
  });

  it('are no concern while small: two megabytes of zeros are read', async () => {
    assert.equal((await readFiles(manifest, { x: gzipSync(idx) })).count, 2_000_000);
  });
});

describe('ByteCursor', () => {
  it('gives the same bytes whatever pieces they come in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 100 }),
        sizes,
        fc.nat(40),
        fc.nat(120),
        async (bytes, chunks, head, rest) => {
          const cursor = new ByteCursor(pieces(bytes, chunks));
          const taken = await cursor.take(head);
          assert.deepEqual([...taken], [...bytes.subarray(0, head)]);
          const blocks: Uint8Array[] = [];
          for await (const block of cursor.blocks(rest, 7)) blocks.push(block);
          assert.ok(blocks.slice(0, -1).every((block) => block.length === 7 && block.byteOffset === 0));
          assert.deepEqual([...Buffer.concat(blocks)], [...bytes.subarray(head, head + rest)]);
          assert.equal(cursor.position, Math.min(bytes.length, head + rest));
          assert.equal(await cursor.isAtEnd(), cursor.position === bytes.length);
        },
      ),
    );
  });
});

describe('lineBlocks', () => {
  it('gives the same text whatever pieces it comes in, each block but the last ending a line', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('\n', 'a', 'ß', '漢', '🎉') }),
        sizes,
        async (text, chunks) => {
          const blocks: Buffer[] = [];
          for await (const block of lineBlocks(pieces(Buffer.from(text), chunks), 1e6, { path: 'x', pointer: '' }))
            blocks.push(block);
          assert.equal(Buffer.concat(blocks).toString(), text);
          assert.ok(blocks.slice(0, -1).every((block) => block.at(-1) === 10));
        },
      ),
    );
  });
});

describe('Rendezvous', () => {
  it('makes the writer wait until the reader has taken the chunk before', async () => {
    const channel = new Rendezvous();
    await channel.send(Uint8Array.of(1));
    let sent = false;
    const second = channel.send(Uint8Array.of(2)).then(() => {
      sent = true;
    });
    await new Promise(setImmediate);
    assert.equal(sent, false);
    const reader = channel[Symbol.asyncIterator]();
    assert.deepEqual((await reader.next()).value, Uint8Array.of(1));
    await second;
    channel.end();
    assert.deepEqual((await reader.next()).value, Uint8Array.of(2));
    assert.equal((await reader.next()).done, true);
  });
});

describe('StagedArtifact', () => {
  it('shows nothing before commit, and removes what its commit made when discarded', async () => {
    const store = new MemoryStore();
    const artifact = new StagedArtifact(store, project);
    await artifact.write(Uint8Array.of(1, 2, 3));
    assert.equal(store.artifacts.size, 0);
    const { digest } = await artifact.commit();
    assert.equal(await store.has(project, digest), true);
    await artifact.discard();
    assert.equal(store.artifacts.size, 0);
  });

  it('keeps what was there before its commit', async () => {
    const store = new MemoryStore();
    const { digest } = await store.put(project, Uint8Array.of(7));
    const artifact = new StagedArtifact(store, project);
    await artifact.write(Uint8Array.of(7));
    assert.equal((await artifact.commit()).digest, digest);
    await artifact.discard();
    assert.equal(await store.has(project, digest), true);
  });

  it('ends the put when discarded before commit', async () => {
    const store = new MemoryStore();
    const artifact = new StagedArtifact(store, project);
    await artifact.write(Uint8Array.of(1));
    await artifact.discard();
    assert.equal(store.openPuts, 0);
    assert.equal(store.artifacts.size, 0);
  });
});
