import type { ArtifactStore, RandomAccess, StoredArtifact } from '@engram/domain';
import type { ReadLimits } from '../limits.js';
import { inflate } from './inflate.js';
import { UnpackBudget } from './unpack-budget.js';

/** An uploaded file of a dataset, and the place of the manifest that named it. */
export interface SourceFile {
  readonly path: string;
  /** Where faults of the file are reported. */
  readonly pointer: string;
  readonly sizeBytes: number;
  /** The bytes as uploaded. */
  stream(): AsyncIterable<Uint8Array>;
  /** The bytes, unpacked when they are gzip (told by its first two bytes, not by its name). */
  unpacked(): AsyncIterable<Uint8Array>;
  isPacked(): Promise<boolean>;
  open(): Promise<RandomAccess>;
}

export interface SourceFileOptions {
  readonly store: ArtifactStore;
  readonly project: string;
  readonly path: string;
  readonly pointer: string;
  readonly artifact: StoredArtifact;
  readonly limits: ReadLimits;
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

export function sourceFile(options: SourceFileOptions): SourceFile {
  const { store, project, path, pointer, artifact, limits, onBytes, signal } = options;
  async function* stream(): AsyncGenerator<Uint8Array> {
    for await (const chunk of store.stream(project, artifact.digest)) {
      signal?.throwIfAborted();
      onBytes(chunk.length);
      yield chunk;
    }
  }
  const open = () => store.open(project, artifact.digest);
  const isPacked = async () => {
    if (artifact.sizeBytes < 2) return false;
    const access = await open();
    try {
      const [first, second] = await access.read(0, 2);
      return first === 0x1f && second === 0x8b;
    } finally {
      await access.close();
    }
  };
  async function* unpacked(): AsyncGenerator<Uint8Array> {
    if (await isPacked()) yield* inflate(stream(), 'gzip', new UnpackBudget(limits, path, pointer), { path, pointer });
    else yield* stream();
  }
  return { path, pointer, sizeBytes: artifact.sizeBytes, stream, unpacked, isPacked, open };
}
