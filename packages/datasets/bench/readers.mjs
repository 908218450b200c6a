// Megabytes a second of each reader on generated files, and the peak memory of reading a 500 MB .npy.
// Of packed files the unpacked megabytes count.
// node packages/datasets/bench/readers.mjs   (after `npx tsc -b packages/datasets`)
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { parseDatasetManifest, readDataset } from '../dist/index.js';

const mebibyte = 1024 * 1024;

/** A local folder as artifact store, as plain as one can be. */
class FolderStore {
  constructor(folder) {
    this.folder = folder;
    this.count = 0;
  }
  path(digest) {
    return join(this.folder, digest);
  }
  async put(_project, bytes) {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const temporary = join(this.folder, `put-${this.count++}`);
    await pipeline(async function* () {
      for await (const chunk of bytes) {
        hash.update(chunk);
        sizeBytes += chunk.length;
        yield chunk;
      }
    }, createWriteStream(temporary));
    const digest = hash.digest('hex');
    await rename(temporary, this.path(digest));
    return { digest, sizeBytes };
  }
  stream(_project, digest) {
    return createReadStream(this.path(digest), { highWaterMark: 256 * 1024 });
  }
  async open(_project, digest) {
    const handle = await open(this.path(digest));
    const { size } = await handle.stat();
    return {
      sizeBytes: size,
      async read(offset, length) {
        const bytes = new Uint8Array(length);
        await handle.read(bytes, 0, length, offset);
        return bytes;
      },
      close: () => handle.close(),
    };
  }
  async has(_project, digest) {
    return await stat(this.path(digest)).then(
      () => true,
      () => false,
    );
  }
  async delete(_project, digest) {
    await rm(this.path(digest), { force: true });
  }
}

function npyHeader(rows, columns, isFortran) {
  const order = isFortran ? 'True' : 'False';
  const text = `{'descr': '<f4', 'fortran_order': ${order}, 'shape': (${rows}, ${columns}), }`.padEnd(117);
  const header = Buffer.alloc(10);
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  return Buffer.concat([header, Buffer.from(`${text}\n`)]);
}

function idxHeader(rows, columns) {
  const header = Buffer.alloc(12);
  header.set([0, 0, 8, 2]);
  header.writeUInt32BE(rows, 4);
  header.writeUInt32BE(columns, 8);
  return header;
}

const columns = 784;

async function* repeated(head, rows, rowOf) {
  yield head;
  for (let row = 0; row < rows; ) {
    const parts = [];
    for (let size = 0; row < rows && size < mebibyte; row++) {
      const part = rowOf(row);
      parts.push(part);
      size += part.length;
    }
    yield Buffer.concat(parts);
  }
}

const floats = new Float32Array(columns);
const floatRow = (row) => {
  for (let j = 0; j < columns; j++) floats[j] = ((row * 31 + j * 17) % 1000) / 1000;
  return Buffer.from(new Uint8Array(floats.buffer.slice(0)));
};
const byteRow = (row) => Buffer.from(Uint8Array.from(floats, (_, j) => (row * 31 + j * 17) % 251));
const numbersOf = (row) => Array.from({ length: 20 }, (_, j) => ((row * 31 + j * 17) % 1000) / 1000 + row);
const sentence = 'the quick brown fox jumps over the lazy dog and runs away. ';

const cases = {
  npy: (mb) => ({
    format: 'npy',
    fields: { input: { file: 'x' } },
    bytes: repeated(npyHeader((mb * mebibyte) / 3136, columns), (mb * mebibyte) / 3136, floatRow),
  }),
  'npy, Fortran order': (mb) => ({
    format: 'npy',
    fields: { input: { file: 'x' } },
    bytes: repeated(npyHeader((mb * mebibyte) / 3136, columns, true), (mb * mebibyte) / 3136, floatRow),
  }),
  'npy.gz': (mb) => ({
    format: 'npy',
    fields: { input: { file: 'x' } },
    gzip: true,
    bytes: repeated(npyHeader((mb * mebibyte) / 3136, columns), (mb * mebibyte) / 3136, floatRow),
  }),
  'idx bytes': (mb) => ({
    format: 'idx',
    fields: { input: { file: 'x' } },
    bytes: repeated(idxHeader((mb * mebibyte) / 784, columns), (mb * mebibyte) / 784, byteRow),
  }),
  'idx bytes scaled to float32': (mb) => ({
    format: 'idx',
    fields: { input: { file: 'x', scale: 1 / 255 } },
    bytes: repeated(idxHeader((mb * mebibyte) / 784, columns), (mb * mebibyte) / 784, byteRow),
  }),
  'csv, 20 numbers a row': (mb) => ({
    format: 'csv',
    header: Array.from({ length: 20 }, (_, j) => `c${j}`),
    fields: { input: { columns: Array.from({ length: 20 }, (_, j) => `c${j}`) } },
    bytes: repeated(Buffer.alloc(0), mb * 5000, (row) => Buffer.from(`${numbersOf(row)}\n`)),
  }),
  'jsonl, 20 numbers a row': (mb) => ({
    format: 'jsonl',
    fields: { input: { column: 'x' } },
    bytes: repeated(Buffer.alloc(0), mb * 5000, (row) => Buffer.from(`{"x":[${numbersOf(row)}]}\n`)),
  }),
  'jsonl, texts of 3 kB': (mb) => ({
    format: 'jsonl',
    fields: { text: { column: 't' } },
    bytes: repeated(Buffer.alloc(0), mb * 350, (row) => Buffer.from(`{"t":"${row} ${sentence.repeat(50)}"}\n`)),
  }),
};

async function measure(name, megabytes) {
  const folder = await mkdtemp(join(tmpdir(), 'engram-bench-'));
  try {
    await mkdir(folder, { recursive: true });
    const store = new FolderStore(folder);
    const { bytes, gzip, ...rest } = cases[name](megabytes);
    const path = join(folder, 'source');
    let writtenBytes = 0;
    async function* counted() {
      for await (const chunk of bytes) {
        writtenBytes += chunk.length;
        yield chunk;
      }
    }
    await pipeline(counted, ...(gzip ? [createGzip({ level: 1 })] : []), createWriteStream(path));
    const { digest, sizeBytes } = await store.put('p', createReadStream(path));
    await rm(path);
    const manifest = parseDatasetManifest({ name: 'bench', ...rest });
    const before = process.resourceUsage().maxRSS / 1024;
    const start = performance.now();
    const { count } = await readDataset({
      manifest,
      files: new Map([['x', { digest, sizeBytes }]]),
      store,
      project: 'p',
    });
    const seconds = (performance.now() - start) / 1000;
    const peak = process.resourceUsage().maxRSS / 1024;
    console.log(
      `${name.padEnd(30)} ${(writtenBytes / mebibyte).toFixed(0).padStart(5)} MB  ${String(count).padStart(8)} rows  ${(writtenBytes / mebibyte / seconds).toFixed(0).padStart(5)} MB/s  peak ${peak.toFixed(0).padStart(4)} MB resident (${before.toFixed(0)} before)`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [name, megabytes] = process.argv.slice(2);
if (name !== undefined) await measure(name, Number(megabytes ?? 49));
// A process each, so that peaks are those of one reading.
else
  for (const [each, size] of [...Object.keys(cases).map((key) => [key, 49]), ['npy', 490]])
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), each, String(size)], { stdio: 'inherit' });
