import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { readZipEntry } from './zip-entry.js';

/** A zip archive with one deflated entry, laid out as in section 4.3 of PKWARE's APPNOTE. */
function archiveOf(path: string, bytes: Buffer, claimedBytes = bytes.length): Buffer {
  const packed = deflateRawSync(bytes);
  const name = Buffer.from(path);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(claimedBytes, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([local, name, packed, entry, name, end]);
}

const wanted = (path: string): boolean => path === 'folder/server';

test('gives back the bytes of the entry asked for', () => {
  const bytes = Buffer.from('valkey '.repeat(1000));
  assert.deepEqual(readZipEntry(archiveOf('folder/server', bytes), wanted, 1e6), bytes);
});

test('refuses an entry that claims, or turns out, to be larger than the limit', () => {
  const bomb = Buffer.alloc(1e6);
  assert.throws(() => readZipEntry(archiveOf('folder/server', bomb), wanted, 1e5), { code: 'ENG_ARCHIVE_UNSAFE' });
  assert.throws(() => readZipEntry(archiveOf('folder/server', bomb, 10), wanted, 1e5), /larger than|Cannot create/);
});

test('says when the archive is cut short or the entry is missing', () => {
  const archive = archiveOf('folder/server', Buffer.from('x'));
  assert.throws(() => readZipEntry(archive.subarray(0, 60), wanted, 100), { code: 'ENG_FILE_UNREADABLE' });
  assert.throws(() => readZipEntry(Buffer.alloc(0), wanted, 100), { code: 'ENG_FILE_UNREADABLE' });
  assert.throws(() => readZipEntry(archive, () => false, 100), { code: 'ENG_FILE_UNREADABLE' });
});
