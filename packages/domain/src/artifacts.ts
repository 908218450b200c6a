import type { Json } from './arrays.js';

/** sha-256 of the bytes, 64 hex digits. */
export type Digest = string;

export interface StoredArtifact {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** Bytes read at random positions, so that a file larger than memory can be used. */
export interface RandomAccess {
  readonly sizeBytes: number;
  /** Reads `length` bytes at `offset`; ENG_FILE_TRUNCATED when the file ends before. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface PutOptions {
  /** Stop and forget the bytes with ENG_UPLOAD_TOO_LARGE beyond this many. */
  readonly limitBytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Where arrays and files lie, named by digest. Keys are per project: one tenant can neither read nor detect what
 * another stored. Writes are atomic (a reader sees all bytes or none); whole reads are checked against the digest.
 */
export interface ArtifactStore {
  put(project: string, bytes: Uint8Array | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<StoredArtifact>;
  /** @throws ENG_ARTIFACT_NOT_FOUND; ENG_ARTIFACT_CORRUPT when the bytes no longer have their digest. */
  read(project: string, digest: Digest): Promise<Uint8Array>;
  stream(project: string, digest: Digest): AsyncIterable<Uint8Array>;
  open(project: string, digest: Digest): Promise<RandomAccess>;
  /** A local file holding the artifact, for native libraries that take a path. Must not be written to. */
  localPath(project: string, digest: Digest): Promise<string>;
  has(project: string, digest: Digest): Promise<boolean>;
  delete(project: string, digest: Digest): Promise<void>;
  /** Names the output of a task. The first writer wins: the same key always has the same content. */
  link(project: string, key: string, output: TaskOutput): Promise<void>;
  resolve(project: string, key: string): Promise<TaskOutput | undefined>;
}

/** What a finished task left behind. */
export interface TaskOutput {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly durationMs: number;
  /** Small facts a reader wants without opening the artifact: device, mode, counts. */
  readonly facts: { readonly [name: string]: Json };
}
