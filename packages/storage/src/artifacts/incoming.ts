import { createHash, randomBytes } from 'node:crypto';
import { chmod, type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngramError, type StoredArtifact } from '@engram/domain';

/** Bytes on their way into the store: written under a name of their own, so that nobody sees half of them. */
export interface Incoming extends StoredArtifact {
  readonly path: string;
  /** Forgets them; harmless after they were moved to their place. */
  discard(): Promise<void>;
}

export interface IncomingOptions {
  readonly limitBytes: number;
  readonly signal?: AbortSignal;
}

/**
 * Writes bytes to a file of `folder`, hashing them on the way; they are on the disk, not only in its cache, when this
 * returns. Memory stays bounded by one chunk. Whatever goes wrong, the file is gone.
 *
 * @throws ENG_UPLOAD_TOO_LARGE as soon as the limit is passed. The signal's reason when aborted, even while the source
 *   is silent.
 */
export async function receive(
  folder: string,
  source: Uint8Array | AsyncIterable<Uint8Array>,
  options: IncomingOptions,
): Promise<Incoming> {
  options.signal?.throwIfAborted();
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${randomBytes(16).toString('hex')}.part`);
  const file = await open(path, 'wx', 0o600);
  const discard = (): Promise<void> => rm(path, { force: true });
  try {
    const stored = await write(file, source instanceof Uint8Array ? [source] : source, options);
    await file.sync();
    await file.close();
    await chmod(path, 0o444);
    return { ...stored, path, discard };
  } catch (error) {
    await file.close().catch(() => {});
    await discard();
    throw error;
  }
}

async function write(
  file: FileHandle,
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { limitBytes, signal }: IncomingOptions,
): Promise<StoredArtifact> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of abortable(source, signal)) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > limitBytes)
      throw new EngramError('ENG_UPLOAD_TOO_LARGE', `expected at most ${limitBytes} bytes, got more`, {
        remedy: 'Send less, or raise the limit (ENGRAM_UPLOAD_LIMIT).',
        details: { limitBytes },
      });
    hash.update(chunk);
    for (let written = 0; written < chunk.byteLength; )
      written += (await file.write(chunk, written, chunk.byteLength - written)).bytesWritten;
  }
  return { digest: hash.digest('hex'), sizeBytes };
}

/** Where the bytes came from failed, not where they went; the cause is what the source threw. */
export class SourceFailure extends Error {
  constructor(cause: unknown) {
    super('the source of the bytes failed', { cause });
    this.name = 'SourceFailure';
  }
}

/** The source's chunks until the signal: a source that has stopped sending must not keep an abandoned upload alive. */
async function* abortable(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  // One rejection at a time: a promise that lives as long as the upload, raced with each chunk, would hold them all.
  let giveUp: ((reason: unknown) => void) | undefined;
  const onAbort = (): void => giveUp?.(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  let ended = false;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        giveUp = reject;
        pull(iterator).then(resolve, reject);
      });
      if (next.done === true) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    // Not waited for: a silent source answers only when it speaks again.
    if (!ended) Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

async function pull(iterator: Iterator<Uint8Array> | AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  try {
    return await iterator.next();
  } catch (error) {
    throw new SourceFailure(error);
  }
}

/** Removes what killed processes left half-written: files nobody has written to for `olderThanMs`. */
export async function sweepIncoming(folder: string, olderThanMs: number): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const before = Date.now() - olderThanMs;
  let swept = 0;
  for (const name of names) {
    if (!name.endsWith('.part')) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || found.mtimeMs > before) continue;
    await rm(path, { force: true });
    swept++;
  }
  return swept;
}
