import { EngramError } from '@engram/domain';
import { printable } from '../field-error.js';
import { pathFault } from '../upload-path.js';

export interface ArchiveLimits {
  readonly entries: number;
  /** Of all entries together. */
  readonly unpackedBytes: number;
  readonly entryBytes: number;
  /** Unpacked bytes per packed byte, judged once `ratioFloorBytes` have been unpacked. */
  readonly ratio: number;
  readonly ratioFloorBytes: number;
}

export const defaultArchiveLimits: ArchiveLimits = {
  entries: 10_000,
  unpackedBytes: 16 * 1024 ** 3,
  entryBytes: 16 * 1024 ** 3,
  ratio: 300,
  ratioFloorBytes: 64 * 1024 ** 2,
};

/** Receives one file of the archive. It must read the bytes to their end, or throw. */
export type PutEntry = (path: string, bytes: AsyncIterable<Uint8Array>) => Promise<void>;

/** What both kinds of archive hold entries to. */
export class EntryGuard {
  readonly paths: string[] = [];
  private readonly seen = new Set<string>();
  private readonly limits: ArchiveLimits;
  private readonly put: PutEntry;
  private readonly pointer: string;
  private entries = 0;

  constructor(limits: ArchiveLimits, put: PutEntry, pointer: string) {
    this.limits = limits;
    this.put = put;
    this.pointer = pointer;
  }

  /** Counts an entry and checks its name. @returns false for entries that are left out. */
  admit(name: string, type: 'file' | 'directory' | 'other', sizeBytes: number): boolean {
    if (++this.entries > this.limits.entries)
      this.refuse(`the archive has more than ${this.limits.entries} entries`, 'Send fewer files.');
    const path = type === 'directory' ? plainPath(name).replace(/\/+$/, '') : plainPath(name);
    if (type === 'directory' && path === '') return false;
    const why = pathFault(path);
    if (why !== undefined) this.refuse(`entry ${printable(name)} ${why}`);
    if (type === 'other') this.refuse(`entry ${printable(name)} is a link or a device`);
    if (type === 'directory' || path.startsWith('__MACOSX/') || /(^|\/)\.DS_Store$/.test(path)) return false;
    if (this.seen.has(path)) this.refuse(`entry ${printable(path)} occurs twice`);
    this.seen.add(path);
    if (sizeBytes > this.limits.entryBytes)
      this.refuse(`entry ${printable(path)} holds ${sizeBytes} bytes, more than ${this.limits.entryBytes}`);
    return true;
  }

  async deliver(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const path = plainPath(name);
    await this.put(path, bytes);
    this.paths.push(path);
  }

  private refuse(
    message: string,
    remedy = 'Pack plain files with relative paths, and send large ones one by one.',
  ): never {
    throw new EngramError('ENG_ARCHIVE_UNSAFE', message, { remedy, faults: [{ pointer: this.pointer, message }] });
  }
}

/** Archivers write "./x" for "x". */
function plainPath(name: string): string {
  return name.replace(/^(\.\/)+/, '');
}
