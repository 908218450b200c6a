import { pipeline } from 'node:stream/promises';
import { EngramError } from '@engram/domain';
import { extract, type Header } from 'tar-stream';
import { inflate } from '../bytes/inflate.js';
import { UnpackBudget } from '../bytes/unpack-budget.js';
import { fieldError, unreadableFile } from '../field-error.js';
import type { ArchiveLimits, EntryGuard } from './entry-guard.js';

type Place = { readonly path: string; readonly pointer: string };

/** Entries in archive order, each checked when its header arrives. */
export async function unpackTar(
  source: AsyncIterable<Uint8Array>,
  isPacked: boolean,
  limits: ArchiveLimits,
  guard: EntryGuard,
  place: Place,
): Promise<void> {
  const budget = new UnpackBudget(limits, place.path, place.pointer);
  const bytes = isPacked ? inflate(source, 'gzip', budget, place) : counted(source, budget);
  const extractor = extract();
  let failure: unknown;
  const pumping = pipeline(bytes, extractor).catch((error) => {
    failure ??= error;
  });
  try {
    for await (const entry of extractor) {
      const { header } = entry;
      const isPut = guard.admit(header.name, typeOf(header), header.size ?? 0);
      if (isPut) await guard.deliver(header.name, entry as AsyncIterable<Uint8Array>);
      else entry.resume();
    }
    await pumping;
    if (failure !== undefined) throw failure;
  } catch (error) {
    throw tarError(error, budget, place);
  } finally {
    extractor.destroy();
    await pumping;
  }
}

async function* counted(source: AsyncIterable<Uint8Array>, budget: UnpackBudget): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    budget.addPacked(chunk.length);
    budget.addUnpacked(chunk.length);
    yield chunk;
  }
}

function typeOf({ type }: Header): 'file' | 'directory' | 'other' {
  if (type === 'file' || type === 'contiguous-file') return 'file';
  return type === 'directory' ? 'directory' : 'other';
}

function tarError(error: unknown, budget: UnpackBudget, place: Place): unknown {
  if (error instanceof EngramError) return error;
  const why = error instanceof Error ? error.message : '';
  if (/Unexpected end of data/i.test(why))
    return fieldError(
      'ENG_FILE_TRUNCATED',
      place.pointer,
      `${place.path} ends inside an entry, after ${budget.unpackedBytes} bytes`,
      'Send the whole archive again; compare its size with the original.',
      { details: { gotBytes: budget.unpackedBytes } },
    );
  if (/tar header|Invalid header|max size|Invalid format/i.test(why))
    return unreadableFile(place, 'its tar structure is damaged', error);
  return error;
}
