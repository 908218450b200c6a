import { createHash } from 'node:crypto';
import { type Digest, EngramError, type ModelSource } from '@engram/domain';

/** JSON files of a model are read whole, so they are bounded: a tokenizer of 200,000 tokens takes some 20 MB. */
const jsonLimitBytes = 64 * 1024 * 1024;

export type ModelFile = ModelSource['files'][number];

/** Finds a file by its path, or returns undefined. */
export function findFile(source: ModelSource, path: string): ModelFile | undefined {
  return source.files.find((file) => file.path === path);
}

/**
 * Finds a file by its path.
 *
 * @throws ENG_FILE_UNREADABLE when the upload lacks it, with what the upload holds.
 */
export function requireFile(source: ModelSource, path: string, why: string): ModelFile {
  const file = findFile(source, path);
  if (file !== undefined) return file;
  const present = source.files.map((each) => each.path).slice(0, 20);
  throw new EngramError('ENG_FILE_UNREADABLE', `the upload has no file "${path}" (${why})`, {
    remedy: `Upload "${path}" together with the rest; the upload holds: ${present.join(', ') || 'nothing'}.`,
    details: { path, present },
  });
}

/**
 * Reads a JSON object.
 *
 * @throws ENG_FILE_UNREADABLE not JSON, not an object, or larger than 64 MiB.
 */
export async function readJsonObject(source: ModelSource, path: string): Promise<Record<string, unknown>> {
  const file = requireFile(source, path, 'a JSON document the model needs');
  if (file.sizeBytes > jsonLimitBytes) {
    throw new EngramError(
      'ENG_FILE_UNREADABLE',
      `"${path}" has ${file.sizeBytes} bytes, at most ${jsonLimitBytes} are read`,
      {
        remedy: 'Check that the right file was uploaded under this name.',
      },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await source.read(path)));
  } catch (cause) {
    throw new EngramError('ENG_FILE_UNREADABLE', `"${path}" is not JSON, or was cut short at ${file.sizeBytes} bytes`, {
      remedy: 'Write the file again and upload it whole.',
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EngramError(
      'ENG_FILE_UNREADABLE',
      `"${path}" holds ${Array.isArray(value) ? 'an array' : typeof value}, expected a JSON object`,
      {
        remedy: 'Check that the right file was uploaded under this name.',
      },
    );
  }
  return value as Record<string, unknown>;
}

/** One digest for a whole model: sha-256 over the kind and the sorted (path, digest) pairs of its files. */
export function modelDigest(kind: string, source: ModelSource): Digest {
  const hash = createHash('sha256').update(`${kind}\n`);
  for (const file of [...source.files].sort((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${file.path}\n${file.digest}\n`);
  return hash.digest('hex');
}
