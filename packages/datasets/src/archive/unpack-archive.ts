import { type ArchiveSource, accessTo, streamOf } from './archive-source.js';
import { type ArchiveLimits, EntryGuard, type PutEntry } from './entry-guard.js';
import { unpackTar } from './unpack-tar.js';
import { unpackZip } from './unpack-zip.js';

export type ArchiveKind = 'zip' | 'tar' | 'tgz';

/** The kind of archive a file name says, or undefined for other files. */
export function archiveKindOf(path: string): ArchiveKind | undefined {
  if (/\.zip$/i.test(path)) return 'zip';
  if (/\.(tar\.gz|tgz)$/i.test(path)) return 'tgz';
  return /\.tar$/i.test(path) ? 'tar' : undefined;
}

/**
 * Unpacks an uploaded archive, file by file, within bounds. Nothing is written to disk under a name from the archive:
 * `put` is given checked paths. Files an archiver adds of its own (`__MACOSX/`, `.DS_Store`) are left out.
 *
 * A fault may come after some entries were put; who calls must drop those.
 *
 * @param source a path of a local file, a stream, or stored bytes. A zip read as a stream is first kept in a temporary
 *   file, since its directory is at the end.
 * @param pointer where faults are reported.
 * @returns the paths put, in order.
 * @throws ENG_ARCHIVE_UNSAFE paths that are absolute or leave the folder, links, devices, names that occur twice, too
 *   many entries, too much unpacked. ENG_FILE_TRUNCATED, ENG_FILE_UNREADABLE, ENG_FORMAT_UNSUPPORTED.
 */
export async function unpackArchive(
  source: ArchiveSource,
  kind: ArchiveKind,
  limits: ArchiveLimits,
  put: PutEntry,
  pointer = '',
): Promise<string[]> {
  const guard = new EntryGuard(limits, put, pointer);
  const place = { path: 'the archive', pointer };
  if (kind === 'zip') {
    const { access, close } = await accessTo(source, limits.unpackedBytes, pointer);
    try {
      await unpackZip(access, limits, guard, place);
    } finally {
      await close();
    }
  } else await unpackTar(streamOf(source), kind === 'tgz', limits, guard, place);
  return guard.paths;
}

export type { ArchiveSource };
