import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type ArtifactStore, type Digest, EngramError, type RandomAccess } from '@engram/domain';
import { receive, SourceFailure, sweepIncoming } from './incoming.js';
import { readLink, writeLink } from './links.js';
import { checkedDigest, checkedKey, checkedProject } from './names.js';

export interface FolderStoreOptions {
  /** One file system: files are moved within it. Shared by every process of the deployment. */
  readonly root: string;
  readonly limits: {
    /** For writes that name no limit of their own. */
    readonly artifactBytes: number;
  };
  /** Half-written files untouched for this long belong to killed processes. */
  readonly orphanAfterMs?: number;
}

/**
 * Artifacts as files: `<root>/<project>/ab/<digest>`, names of task outputs as `<root>/<project>/tasks/ab/<key>.json`.
 *
 * `read` checks the whole against its digest, `stream` checks at its end; `open` and `localPath` hand out positions of
 * a file whose bytes are not checked again.
 */
export async function openFolderStore(options: FolderStoreOptions): Promise<ArtifactStore> {
  const root = resolve(options.root);
  const incoming = join(root, '.incoming');
  const place = (project: string, digest: Digest): string =>
    join(root, checkedProject(project), checkedDigest(digest).slice(0, 2), digest);
  const linkPlace = (project: string, key: string): string =>
    join(root, checkedProject(project), 'tasks', checkedKey(key).slice(0, 2), `${key}.json`);

  await mkdir(incoming, { recursive: true });
  await sweepIncoming(incoming, options.orphanAfterMs ?? 15 * 60_000);

  const store: ArtifactStore = {
    put: (project, bytes, { limitBytes = options.limits.artifactBytes, signal } = {}) =>
      withDisk(async () => {
        checkedProject(project);
        const received = await receive(incoming, bytes, { limitBytes, ...(signal === undefined ? {} : { signal }) });
        try {
          const path = place(project, received.digest);
          await mkdir(dirname(path), { recursive: true });
          // Over what may be there: the same bytes, or damaged ones.
          await rename(received.path, path);
          await syncFolder(dirname(path));
        } finally {
          await received.discard();
        }
        return { digest: received.digest, sizeBytes: received.sizeBytes };
      }),

    read: (project, digest) =>
      withDisk(async () => {
        const bytes = await readFile(place(project, digest)).catch(notFound(digest));
        if (createHash('sha256').update(bytes).digest('hex') !== digest) throw corrupt(digest);
        return bytes;
      }),

    async *stream(project, digest) {
      const path = place(project, digest);
      await access(path).catch(notFound(digest));
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
        hash.update(chunk);
        yield chunk;
      }
      if (hash.digest('hex') !== digest) throw corrupt(digest);
    },

    open: (project, digest) => withDisk(() => openRanges(place(project, digest), digest)),

    localPath: (project, digest) =>
      withDisk(async () => {
        const path = place(project, digest);
        await access(path).catch(notFound(digest));
        return path;
      }),

    has: (project, digest) => withDisk(() => exists(place(project, digest))),

    delete: (project, digest) => withDisk(() => rm(place(project, digest), { force: true })),

    link: (project, key, output) =>
      withDisk(async () => {
        checkedDigest(output.digest);
        const path = linkPlace(project, key);
        if (await writeLink(path, output, false)) return;
        // A name whose artifact is gone is no name: the task was rightly run again.
        if ((await store.resolve(project, key)) === undefined) await writeLink(path, output, true);
      }),

    resolve: (project, key) =>
      withDisk(async () => {
        const output = await readLink(linkPlace(project, key));
        return output !== undefined && (await exists(place(project, output.digest))) ? output : undefined;
      }),
  };
  return store;
}

async function openRanges(path: string, digest: Digest): Promise<RandomAccess> {
  const file = await open(path, 'r').catch(notFound(digest));
  const { size: sizeBytes } = await file.stat();
  return {
    sizeBytes,
    async read(offset, length) {
      if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
        throw new EngramError('ENG_INTERNAL', `expected a range of whole bytes, got ${length} at ${offset}`);
      if (offset + length > sizeBytes)
        throw new EngramError(
          'ENG_FILE_TRUNCATED',
          `expected ${length} bytes at ${offset}, but the file ends at ${sizeBytes}`,
        );
      const bytes = new Uint8Array(length);
      for (let got = 0; got < length; ) {
        const { bytesRead } = await file.read(bytes, got, length - got, offset + got);
        if (bytesRead === 0) throw corrupt(digest);
        got += bytesRead;
      }
      return bytes;
    },
    close: () => file.close(),
  };
}

/** A rename is durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

function notFound(digest: Digest): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new EngramError('ENG_ARTIFACT_NOT_FOUND', `no artifact ${digest} in this project`);
  };
}

function corrupt(digest: Digest): EngramError {
  return new EngramError('ENG_ARTIFACT_CORRUPT', `artifact ${digest}: its bytes no longer have their digest`, {
    remedy: 'The disk or another program changed it: upload it again.',
  });
}

/** What the file system refuses (full, read-only, gone) is an unavailable store; callers may try again. */
async function withDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SourceFailure) throw error.cause;
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (error instanceof EngramError || code === undefined || syscall === undefined) throw error;
    throw new EngramError('ENG_STORE_UNAVAILABLE', `the artifact folder failed: ${code} on ${syscall}`, {
      remedy: code === 'ENOSPC' ? 'Free space on the disk of the data folder.' : 'Check the disk of the data folder.',
      cause: error,
    });
  }
}
