import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { EngramError, type RandomAccess } from '@engram/domain';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { inflate } from '../bytes/inflate.js';
import type { UnpackBudget } from '../bytes/unpack-budget.js';
import { fieldError, printable, unreadableFile } from '../field-error.js';
import { AccessReader } from './access-reader.js';

export interface ZipEntry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly packedBytes: number;
  /** Unix file type bits (0o170000 of the mode) when the archive states them, else 0. */
  readonly fileType: number;
  /** The unpacked bytes, checked against the stated size and checksum. */
  bytes(budget: UnpackBudget): AsyncIterable<Uint8Array>;
}

export interface ZipPlace {
  readonly path: string;
  readonly pointer: string;
}

/**
 * A zip file on stored bytes: entries by its directory, each unpacked as a stream.
 *
 * Errors by code: ENG_FILE_TRUNCATED the directory at the end is missing, or an entry reaches beyond the file.
 * ENG_FILE_UNREADABLE anything else amiss. ENG_FORMAT_UNSUPPORTED encrypted entries, other compressions than deflate.
 */
export class ZipArchive {
  private readonly zip: ZipFile;
  private readonly place: ZipPlace;

  private constructor(zip: ZipFile, place: ZipPlace) {
    this.zip = zip;
    this.place = place;
  }

  static async open(access: RandomAccess, place: ZipPlace): Promise<ZipArchive> {
    const options = { autoClose: false, lazyEntries: true, decodeStrings: false, validateEntrySizes: true };
    try {
      const zip = await new Promise<ZipFile>((resolve, reject) => {
        yauzl.fromRandomAccessReader(new AccessReader(access), access.sizeBytes, options, (error, opened) =>
          error === null ? resolve(opened) : reject(error),
        );
      });
      // Errors reach us through the promises below; without a listener they would end the process.
      zip.on('error', () => {});
      return new ZipArchive(zip, place);
    } catch (error) {
      throw await openError(error, access, place);
    }
  }

  get entryCount(): number {
    return this.zip.entryCount;
  }

  /** Entries in directory order; directories end in "/". */
  async *entries(): AsyncGenerator<ZipEntry> {
    while (true) {
      let entry: Entry | undefined;
      try {
        entry = await nextEntry(this.zip);
      } catch (error) {
        throw zipError(error, this.place);
      }
      if (entry === undefined) return;
      yield this.describe(entry);
    }
  }

  private describe(entry: Entry): ZipEntry {
    const name = decodeName(entry.fileName);
    const isUnix = entry.versionMadeBy >>> 8 === 3;
    return {
      name,
      sizeBytes: entry.uncompressedSize,
      packedBytes: entry.compressedSize,
      fileType: isUnix ? (entry.externalFileAttributes >>> 16) & 0o170000 : 0,
      bytes: (budget) => this.unpack(entry, name, budget),
    };
  }

  private async *unpack(entry: Entry, name: string, budget: UnpackBudget): AsyncGenerator<Uint8Array> {
    const place = { path: `${this.place.path} entry ${printable(name)}`, pointer: this.place.pointer };
    if (entry.isEncrypted() || (entry.compressionMethod !== 0 && entry.compressionMethod !== 8))
      throw fieldError(
        'ENG_FORMAT_UNSUPPORTED',
        place.pointer,
        `${place.path} is ${entry.isEncrypted() ? 'encrypted' : `compressed by method ${entry.compressionMethod}`}, expected stored or deflated`,
        'Pack the archive again without encryption, stored or with deflate.',
      );
    const packed = translated(await this.openPacked(entry, place), place);
    const unpacked = entry.isCompressed() ? inflate(packed, 'deflateRaw', budget, place) : stored(packed, budget);
    let size = 0;
    let checksum = 0;
    for await (const chunk of unpacked) {
      size += chunk.length;
      if (size > entry.uncompressedSize) break;
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
    if (size !== entry.uncompressedSize)
      throw unreadableFile(
        place,
        `it unpacks to ${size > entry.uncompressedSize ? 'more' : 'fewer'} than the ${entry.uncompressedSize} bytes its directory states`,
      );
    if (checksum !== entry.crc32) throw unreadableFile(place, 'its checksum does not match its bytes');
  }

  private async openPacked(entry: Entry, place: ZipPlace): Promise<Readable> {
    const options = { decompress: entry.isCompressed() ? false : null, decrypt: null, start: null, end: null };
    try {
      return await new Promise<Readable>((resolve, reject) => {
        this.zip.openReadStream(entry, options, (error, stream) => (error ? reject(error) : resolve(stream)));
      });
    } catch (error) {
      throw zipError(error, place);
    }
  }
}

async function* stored(packed: AsyncIterable<Uint8Array>, budget: UnpackBudget): AsyncGenerator<Uint8Array> {
  for await (const chunk of packed) {
    budget.addPacked(chunk.length);
    budget.addUnpacked(chunk.length);
    yield chunk;
  }
}

async function* translated(stream: AsyncIterable<Uint8Array>, place: ZipPlace): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw zipError(error, place);
  }
}

function nextEntry(zip: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      zip.off('entry', onEntry);
      zip.off('end', onEnd);
      zip.off('error', onError);
      act();
    };
    const onEntry = (entry: Entry) => settle(() => resolve(entry));
    const onEnd = () => settle(() => resolve(undefined));
    const onError = (error: unknown) => settle(() => reject(error));
    zip.on('entry', onEntry);
    zip.on('end', onEnd);
    zip.on('error', onError);
    zip.readEntry();
  });
}

/** Names are UTF-8 nearly always, flagged or not; what is not is read as Latin-1 so that it can be named. */
function decodeName(name: string | Buffer): string {
  if (typeof name === 'string') return name;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(name);
  } catch {
    return name.toString('latin1');
  }
}

async function openError(error: unknown, access: RandomAccess, place: ZipPlace): Promise<unknown> {
  if (!(error instanceof Error) || !/central directory record signature not found|range|EOF/i.test(error.message))
    return zipError(error, place);
  const start = access.sizeBytes >= 2 ? await access.read(0, 2) : new Uint8Array(0);
  const beginsAsZip = start[0] === 0x50 && start[1] === 0x4b;
  if (!beginsAsZip) return unreadableFile(place, 'it is not a zip file', error);
  return fieldError(
    'ENG_FILE_TRUNCATED',
    place.pointer,
    `${place.path} ends after ${access.sizeBytes} bytes without the directory zip files end with`,
    'Send the whole file again; compare its size with the original.',
    { details: { gotBytes: access.sizeBytes }, cause: error },
  );
}

function zipError(error: unknown, place: ZipPlace): unknown {
  if (error instanceof EngramError && error.code !== 'ENG_FILE_TRUNCATED') return error;
  const why = error instanceof Error ? error.message : '';
  if (error instanceof EngramError || /overflows file bounds|unexpected EOF/i.test(why))
    return fieldError(
      'ENG_FILE_TRUNCATED',
      place.pointer,
      `${place.path} reaches beyond the end of the archive`,
      'Send the whole archive again; compare its size with the original.',
      { cause: error },
    );
  return unreadableFile(place, 'its zip structure is damaged', error);
}
