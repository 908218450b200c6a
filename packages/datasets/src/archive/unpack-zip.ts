import type { RandomAccess } from '@engram/domain';
import { UnpackBudget } from '../bytes/unpack-budget.js';
import { ZipArchive, type ZipEntry } from '../zip/zip-archive.js';
import type { ArchiveLimits, EntryGuard } from './entry-guard.js';

const typeBits = { regular: 0o100000, directory: 0o040000 };

/** Checks the whole directory before the first entry is unpacked, so that most faults come before anything is put. */
export async function unpackZip(
  access: RandomAccess,
  limits: ArchiveLimits,
  guard: EntryGuard,
  place: { readonly path: string; readonly pointer: string },
): Promise<void> {
  const archive = await ZipArchive.open(access, place);
  const admitted: ZipEntry[] = [];
  const stated = new UnpackBudget(limits, place.path, place.pointer);
  stated.addPacked(access.sizeBytes);
  for await (const entry of archive.entries()) {
    if (!guard.admit(entry.name, typeOf(entry), entry.sizeBytes)) continue;
    stated.addUnpacked(entry.sizeBytes);
    admitted.push(entry);
  }
  // The stated sizes were within bounds and no entry unpacks to more than it states.
  for (const entry of admitted)
    await guard.deliver(entry.name, entry.bytes(new UnpackBudget(limits, place.path, place.pointer)));
}

function typeOf({ name, fileType }: ZipEntry): 'file' | 'directory' | 'other' {
  if (name.endsWith('/') || fileType === typeBits.directory) return 'directory';
  return fileType === 0 || fileType === typeBits.regular ? 'file' : 'other';
}
