import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EngramError, type RandomAccess } from '@engram/domain';
import { readRange } from '../zip/access-reader.js';

/** A path of a local file, a stream, or stored bytes (closed by who opened them). */
export type ArchiveSource = string | AsyncIterable<Uint8Array> | RandomAccess;

export function streamOf(source: ArchiveSource): AsyncIterable<Uint8Array> {
  if (typeof source === 'string') return createReadStream(source);
  return 'sizeBytes' in source ? readRange(source, 0, source.sizeBytes) : source;
}

/** Bytes at random positions. A stream is kept in a temporary file until `close`. */
export async function accessTo(
  source: ArchiveSource,
  limitBytes: number,
  pointer: string,
): Promise<{ readonly access: RandomAccess; close(): Promise<void> }> {
  if (typeof source === 'string') {
    const access = await openFile(source);
    return { access, close: () => access.close() };
  }
  if ('sizeBytes' in source) return { access: source, close: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'engram-archive-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'archive');
    await pipeline(bounded(source, limitBytes, pointer), createWriteStream(path, { mode: 0o600 }));
    const access = await openFile(path);
    return {
      access,
      close: async () => {
        await access.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function* bounded(
  source: AsyncIterable<Uint8Array>,
  limitBytes: number,
  pointer: string,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of source) {
    total += chunk.length;
    if (total > limitBytes) {
      const message = `the archive is larger than the ${limitBytes} bytes allowed`;
      throw new EngramError('ENG_UPLOAD_TOO_LARGE', message, {
        remedy: 'Send fewer or smaller files.',
        faults: [{ pointer, message }],
      });
    }
    yield chunk;
  }
}

async function openFile(path: string): Promise<RandomAccess> {
  const handle = await open(path, 'r');
  const { size } = await handle.stat();
  return {
    sizeBytes: size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
        if (bytesRead === 0)
          throw new EngramError(
            'ENG_FILE_TRUNCATED',
            `expected ${length} bytes at ${offset}, got ${filled}: the file has ${size}`,
          );
        filled += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}
