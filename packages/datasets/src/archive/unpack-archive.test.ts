import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { EngramError, type RandomAccess } from '@engram/domain';
import fc from 'fast-check';
import { type Header, pack } from 'tar-stream';
import { MemoryStore } from '../testing/memory-store.js';
import { zipBytes } from '../testing/write-formats.js';
import type { ArchiveSource } from './archive-source.js';
import { type ArchiveLimits, defaultArchiveLimits } from './entry-guard.js';
import { type ArchiveKind, archiveKindOf, unpackArchive } from './unpack-archive.js';

const kinds = ['zip', 'tar', 'tgz'] as const;
interface File {
  readonly name: string;
  readonly bytes?: Uint8Array;
  readonly type?: Header['type'];
  readonly mode?: number;
}

async function archive(kind: ArchiveKind, files: readonly File[]): Promise<Uint8Array> {
  if (kind === 'zip')
    return zipBytes(
      files.map(({ name, bytes = new Uint8Array(0), mode, type }) => ({
        name,
        bytes,
        mode: mode ?? (type === 'symlink' ? 0o120777 : type === 'directory' ? 0o040755 : 0o100644),
      })),
      true,
    );
  const tar = pack();
  for (const { name, bytes = new Uint8Array(0), type = 'file' } of files)
    tar.entry({ name, type, size: bytes.length, ...(type === 'symlink' ? { linkname: 'x' } : {}) }, Buffer.from(bytes));
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return kind === 'tgz' ? gzipSync(bytes) : bytes;
}

async function* inChunks(bytes: Uint8Array, size = 100): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function storedBytes(bytes: Uint8Array): RandomAccess {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => {
      if (offset + length > bytes.length) throw new EngramError('ENG_FILE_TRUNCATED', 'the bytes end before');
      return bytes.slice(offset, offset + length);
    },
    close: async () => {},
  };
}

async function unpack(source: ArchiveSource, kind: ArchiveKind, limits: ArchiveLimits = defaultArchiveLimits) {
  const found: Record<string, string> = {};
  const paths = await unpackArchive(
    source,
    kind,
    limits,
    async (path, bytes) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bytes) chunks.push(chunk);
      found[path] = Buffer.concat(chunks).toString();
    },
    '/files',
  );
  assert.deepEqual(paths, Object.keys(found));
  return found;
}

async function refused(
  files: readonly File[],
  message: RegExp,
  limits?: ArchiveLimits,
  only: readonly ArchiveKind[] = kinds,
) {
  for (const kind of only)
    await assert.rejects(unpack(inChunks(await archive(kind, files)), kind, limits), (error) => {
      assert.ok(error instanceof EngramError, String(error));
      assert.equal(error.code, 'ENG_ARCHIVE_UNSAFE', `${kind}: ${error.message}`);
      assert.match(error.message, message);
      assert.equal(error.faults[0]?.pointer, '/files');
      assert.match(error.remedy ?? '', /\w/);
      return true;
    });
}

const text = (words: string) => Buffer.from(words);
const plain: File[] = [
  { name: 'data/', type: 'directory' },
  { name: 'data/a.npy', bytes: text('first') },
  { name: './b.csv', bytes: text('second') },
  { name: '__MACOSX/b.csv', bytes: text('not wanted') },
  { name: 'data/.DS_Store', bytes: text('not wanted') },
  { name: 'empty', bytes: text('') },
];

describe('unpackArchive', () => {
  for (const kind of kinds) {
    it(`gives the files of a ${kind} from a stream, a path or stored bytes`, async () => {
      const expected = { 'data/a.npy': 'first', 'b.csv': 'second', empty: '' };
      const bytes = await archive(kind, plain);
      assert.deepEqual(await unpack(inChunks(bytes, 7), kind), expected);
      const store = new MemoryStore();
      const { digest } = await store.put('p', bytes);
      assert.deepEqual(await unpack(await store.open('p', digest), kind), expected);
      const folder = await mkdtemp(join(tmpdir(), 'engram-test-'));
      try {
        await writeFile(join(folder, 'x'), bytes);
        assert.deepEqual(await unpack(join(folder, 'x'), kind), expected);
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it(`refuses a ${kind} cut off at any byte, or gives a part of its files`, async () => {
      const bytes = await archive(kind, plain);
      // A tar is mostly padding: every byte of its first entries, then a part.
      for (let length = 0; length < bytes.length; length += kind === 'tar' && length > 1200 ? 37 : 1)
        await unpack(storedBytes(bytes.subarray(0, length)), kind).then(
          (found) => assert.ok(kind === 'tar' && Object.keys(found).length <= 3, `accepted ${length}`),
          (error: unknown) => {
            assert.ok(error instanceof EngramError && error.code !== 'ENG_INTERNAL', String(error));
            assert.equal(error.faults[0]?.pointer, '/files');
          },
        );
    });

    it(`never fails on a changed ${kind} with anything but a fault`, async () => {
      const bytes = await archive(kind, plain);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }),
          async (changes) => {
            const changed = new Uint8Array(bytes);
            for (const [at, byte] of changes) changed[at] = byte;
            await unpack(storedBytes(changed), kind).catch((error: unknown) => {
              assert.ok(error instanceof EngramError && error.code !== 'ENG_INTERNAL', String(error));
            });
          },
        ),
        { numRuns: 150 },
      );
    });
  }

  it('refuses paths that leave their folder', async () => {
    await refused([{ name: '../x' }], /"..\/x" leaves its folder/);
    await refused([{ name: 'a/../../x' }], /leaves its folder/);
    await refused([{ name: './../x' }], /leaves its folder/);
    await refused([{ name: 'a\\..\\x' }], /holds a backslash/);
    await refused([{ name: '../x/', type: 'directory' }], /leaves its folder/);
  });

  it('refuses absolute paths, also those of other systems', async () => {
    await refused([{ name: '/etc/x' }], /is absolute/);
    await refused([{ name: 'C:/x' }], /is absolute/);
  });

  it('refuses links and devices', async () => {
    await refused([{ name: 'x', type: 'symlink' }], /is a link or a device/);
    await refused([{ name: 'x', type: 'link' }], /is a link or a device/, undefined, ['tar', 'tgz']);
    await refused([{ name: 'x', type: 'character-device' }], /is a link or a device/, undefined, ['tar', 'tgz']);
    await refused([{ name: 'x', type: 'fifo' }], /is a link or a device/, undefined, ['tar', 'tgz']);
  });

  it('refuses names that occur twice, also in two spellings', async () => {
    await refused([{ name: 'x' }, { name: './x' }], /"x" occurs twice/);
  });

  it('refuses more entries than allowed', async () => {
    const limits = { ...defaultArchiveLimits, entries: 3 };
    await refused(
      Array.from({ length: 4 }, (_, i) => ({ name: `x${i}` })),
      /more than 3 entries/,
      limits,
    );
  });

  it('refuses what unpacks to too much, in one entry or in all', async () => {
    const bytes = new Uint8Array(600);
    const two = [
      { name: 'x', bytes },
      { name: 'y', bytes },
    ];
    await refused(two, /600 bytes, more than 500/, { ...defaultArchiveLimits, entryBytes: 500 });
    await refused(two, /more than the 1000 bytes allowed/, { ...defaultArchiveLimits, unpackedBytes: 1000 });
  });

  it('refuses what unpacks to many times its size', async () => {
    const limits = { ...defaultArchiveLimits, ratio: 100, ratioFloorBytes: 10_000 };
    await refused(
      [{ name: 'x', bytes: new Uint8Array(1_000_000) }],
      /more than 100 times its \d+ packed bytes/,
      limits,
      ['zip', 'tgz'],
    );
  });

  it('refuses an entry of a zip that unpacks to more than the directory states', async () => {
    const bytes = Buffer.from(zipBytes([{ name: 'x', bytes: new Uint8Array(100_000) }], true));
    for (let at = bytes.indexOf('PK'); at >= 0; at = bytes.indexOf('PK', at + 1))
      for (const [mark, offset] of [
        [0x04034b50, 22],
        [0x02014b50, 24],
      ] as const)
        if (bytes.readUInt32LE(at) === mark) bytes.writeUInt32LE(10, at + offset);
    await assert.rejects(unpack(inChunks(bytes), 'zip'), {
      code: 'ENG_FILE_UNREADABLE',
      message: /unpacks to more than the 10 bytes/,
    });
  });

  it('shortens names and leaves out their control characters in messages', async () => {
    await refused([{ name: `../${'x'.repeat(80)}` }], /entry "\.\.\/x{54}\.\.\." leaves/);
    await assert.rejects(unpack(inChunks(await archive('zip', [{ name: 'a\u202e\u0007b' }])), 'zip'), {
      message: 'entry "a?\\u0007b" holds control or invisible characters',
    });
  });

  it('leaves no temporary file of a streamed zip', async () => {
    const count = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('engram-archive-')).length;
    const before = await count();
    await unpack(inChunks(await archive('zip', plain)), 'zip');
    await assert.rejects(unpack(inChunks(Buffer.from('no zip')), 'zip'), { code: 'ENG_FILE_UNREADABLE' });
    assert.equal(await count(), before);
  });

  it('passes on what the receiver throws', async () => {
    for (const kind of kinds) {
      const failure = new EngramError('ENG_STORE_UNAVAILABLE', 'full');
      const bytes = await archive(kind, plain);
      await assert.rejects(
        unpackArchive(inChunks(bytes), kind, defaultArchiveLimits, () => Promise.reject(failure)),
        failure,
      );
    }
  });
});

describe('archiveKindOf', () => {
  it('knows archives by their names', () => {
    assert.deepEqual(['a.ZIP', 'a.tar', 'a.tar.gz', 'a.tgz', 'a.gz', 'zip'].map(archiveKindOf), [
      'zip',
      'tar',
      'tgz',
      'tgz',
      undefined,
      undefined,
    ]);
  });
});
