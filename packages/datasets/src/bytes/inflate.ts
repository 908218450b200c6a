import { pipeline } from 'node:stream/promises';
import { createGunzip, createInflateRaw } from 'node:zlib';
import { EngramError } from '@engram/domain';
import { fieldError } from '../field-error.js';
import type { UnpackBudget } from './unpack-budget.js';

/**
 * Unpacks gzip, or the bare deflate stream of a zip entry, within a budget.
 *
 * @throws ENG_ARCHIVE_UNSAFE the budget is passed. ENG_FILE_TRUNCATED the packed stream ends early.
 *   ENG_FILE_UNREADABLE it is corrupt.
 */
export async function* inflate(
  packed: AsyncIterable<Uint8Array>,
  kind: 'gzip' | 'deflateRaw',
  budget: UnpackBudget,
  file: { readonly path: string; readonly pointer: string },
): AsyncGenerator<Uint8Array> {
  const options = { chunkSize: 256 * 1024 };
  const inflater = kind === 'gzip' ? createGunzip(options) : createInflateRaw(options);
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of packed) {
      budget.addPacked(chunk.length);
      yield chunk;
    }
  }
  // The reader below sees the same failure through the destroyed stream; a reader that stops early is none.
  const pumping = pipeline(counted, inflater).catch(() => {});
  try {
    for await (const chunk of inflater as AsyncIterable<Buffer>) {
      budget.addUnpacked(chunk.length);
      yield chunk;
    }
  } catch (error) {
    throw unpackError(error, budget, file);
  } finally {
    inflater.destroy();
    await pumping;
  }
}

function unpackError(error: unknown, budget: UnpackBudget, file: { path: string; pointer: string }): unknown {
  if (error instanceof EngramError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR')
    return fieldError(
      'ENG_FILE_TRUNCATED',
      file.pointer,
      `${file.path} ends inside its compressed data, after ${budget.packedBytes} packed and ${budget.unpackedBytes} unpacked bytes`,
      'Send the whole file again; compare its size with the original.',
      { details: { gotBytes: budget.packedBytes, unpackedBytes: budget.unpackedBytes }, cause: error },
    );
  if (typeof code === 'string' && code.startsWith('Z_'))
    return fieldError(
      'ENG_FILE_UNREADABLE',
      file.pointer,
      `${file.path} is corrupt: its compressed data cannot be unpacked beyond ${budget.unpackedBytes} bytes`,
      'Compress and send the file again.',
      { cause: error },
    );
  return error;
}
