import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { EngramError } from '@engram/domain';
import type { SetUpProgress } from './progress.js';
import { findPip } from './python.js';
import { takeWheel } from './wheel.js';

/** A zip archive of uncompressed entries: all a wheel needs to be. */
function zip(files: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [path, data] = [Buffer.from(name), Buffer.from(text)];
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(data), 0);
    sizes.writeUInt32LE(data.length, 4);
    sizes.writeUInt32LE(data.length, 8);
    const version = Buffer.from([20, 0, 0, 8, 0, 0, 0, 0, 33, 0]);
    const lengths = Buffer.from([path.length & 255, path.length >> 8, 0, 0]);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), version, sizes, lengths, path, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), version, sizes, lengths, tail, path]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(centrals.length, 8);
  end.writeUInt16LE(centrals.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

const files = {
  'engram_sample/libsample.so.2': 'library',
  'engram_sample/include/sample.h': 'header',
  'engram_sample/other.py': 'python',
  'engram_sample-1.2.dist-info/METADATA': 'Metadata-Version: 2.1\nName: engram-sample\nVersion: 1.2\n',
  'engram_sample-1.2.dist-info/WHEEL':
    'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  'engram_sample-1.2.dist-info/RECORD': '',
};
const wheel = zip(files);
const sha256 = createHash('sha256').update(wheel).digest('hex');
const pip = await findPip();
const skip = pip === undefined ? 'no pip on this machine' : false;
let index = '';
let into = '';
const saved = { ...process.env };

before(async () => {
  index = await mkdtemp(join(tmpdir(), 'engram-index-'));
  into = await mkdtemp(join(tmpdir(), 'engram-wheel-'));
  await writeFile(join(index, 'engram_sample-1.2-py3-none-any.whl'), wheel);
  process.env.PIP_NO_INDEX = '1';
  process.env.PIP_FIND_LINKS = index;
});
after(async () => {
  for (const name of ['PIP_NO_INDEX', 'PIP_FIND_LINKS']) {
    if (saved[name] === undefined) delete process.env[name];
    else process.env[name] = saved[name];
  }
  await rm(index, { recursive: true, force: true });
  await rm(into, { recursive: true, force: true });
});

const request = {
  name: 'engram-sample',
  version: '1.2',
  unpack: (path: string) => !path.endsWith('.py') && path.startsWith('engram_sample/'),
};
const missing = (error: EngramError) => error.code === 'ENG_NATIVE_LIBRARY_MISSING' && error.remedy !== undefined;

test('takes the wanted files out of a wheel and records their digests', { skip }, async () => {
  const seen: SetUpProgress['step'][] = [];
  const taken = await takeWheel({ ...request, into, sha256, onProgress: ({ step }) => seen.push(step) });
  assert.deepEqual(Object.keys(taken.files).sort(), ['engram_sample/include/sample.h', 'engram_sample/libsample.so.2']);
  assert.equal(await readFile(join(into, 'engram_sample/libsample.so.2'), 'utf8'), 'library');
  assert.equal(
    taken.files['engram_sample/libsample.so.2']!.sha256,
    createHash('sha256').update('library').digest('hex'),
  );
  assert.equal(taken.wheel, 'engram_sample-1.2-py3-none-any.whl');
  assert.ok(seen.includes('unpack'));
  await assert.rejects(stat(join(into, 'engram_sample/other.py')));
  await assert.rejects(stat(join(into, '.wheels/engram-sample')), 'the wheel is not kept');
});

test('needs nothing from outside when it has the files, and takes them again when one is damaged', {
  skip,
}, async () => {
  await takeWheel({ ...request, into });
  process.env.PIP_FIND_LINKS = join(index, 'nowhere');
  await takeWheel({ ...request, into, verify: true });
  await writeFile(join(into, 'engram_sample/libsample.so.2'), 'libxary');
  await takeWheel({ ...request, into });
  await assert.rejects(takeWheel({ ...request, into, verify: true }), missing);
  process.env.PIP_FIND_LINKS = index;
  await takeWheel({ ...request, into, verify: true });
  assert.equal(await readFile(join(into, 'engram_sample/libsample.so.2'), 'utf8'), 'library');
});

test('refuses a wheel of another digest and leaves nothing of it', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'engram-wheel-'));
  await assert.rejects(takeWheel({ ...request, into: folder, sha256: '0'.repeat(64) }), missing);
  await assert.rejects(stat(join(folder, 'engram_sample')));
  await rm(folder, { recursive: true });
});

test('refuses a wheel with a path that leaves its folder', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'engram-wheel-'));
  const evil = await mkdtemp(join(tmpdir(), 'engram-index-'));
  await writeFile(join(evil, 'engram_sample-1.2-py3-none-any.whl'), zip({ ...files, '../outside.so': 'x' }));
  process.env.PIP_FIND_LINKS = evil;
  await assert.rejects(takeWheel({ ...request, into: folder, unpack: () => true }));
  await assert.rejects(stat(join(folder, '../outside.so')));
  process.env.PIP_FIND_LINKS = index;
  await rm(folder, { recursive: true });
  await rm(evil, { recursive: true });
});

test('says which wheel is missing, and what to do without pip', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'engram-wheel-'));
  await assert.rejects(takeWheel({ ...request, version: '9.9', into: folder }), (error: EngramError) => {
    assert.match(error.message, /engram-sample 9\.9/);
    return missing(error);
  });
  const { PATH } = process.env;
  process.env.PATH = folder;
  try {
    await assert.rejects(takeWheel({ ...request, into: folder }), (error: EngramError) => {
      assert.match(error.remedy ?? '', /python3-pip/);
      return missing(error);
    });
  } finally {
    process.env.PATH = PATH;
  }
  await rm(folder, { recursive: true });
});
